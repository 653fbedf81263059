// SPDX-License-Identifier: Apache-2.0

/** How many schedules a second the deterministic machine runs, with Lincheck beside it. */
package org.hmm4j.testkit.bench;

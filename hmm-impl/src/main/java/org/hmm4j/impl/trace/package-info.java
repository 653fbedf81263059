// SPDX-License-Identifier: Apache-2.0

/** Where trace events can go: a ring of the last ones, or the log. */
package org.hmm4j.impl.trace;

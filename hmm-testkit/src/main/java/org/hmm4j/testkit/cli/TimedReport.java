// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import org.hmm4j.testkit.oracle.ReplayReport;

/**
 * What came of a trace, and how long it took.
 *
 * @param report what came of it
 * @param nanos how long it took
 */
record TimedReport(ReplayReport report, long nanos) {}

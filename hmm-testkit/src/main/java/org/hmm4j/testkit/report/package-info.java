// SPDX-License-Identifier: Apache-2.0

/**
 * States and runs, for people.
 *
 * <p>{@link org.hmm4j.testkit.report.PagePicture} draws page tables side by side, a row a page,
 * from any {@link org.hmm4j.testkit.report.PageRows}; {@link org.hmm4j.testkit.report.ProcessPages}
 * is those of a fake process with its devices. The text depends on nothing but the state: equal
 * states give equal pictures.
 *
 * <p>{@link org.hmm4j.testkit.report.RunReport} shows one failed run: as a table, as a page for a
 * browser, and as a file for Perfetto. Equal runs give equal reports.
 */
package org.hmm4j.testkit.report;

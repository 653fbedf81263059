// SPDX-License-Identifier: Apache-2.0

/**
 * What happened in one run, as values: who did what in which order, which locks, sections and
 * invalidations were open when, who slept for what and who woke him.
 *
 * <p>{@link org.hmm4j.testkit.record.RunRecord} is the whole; {@link
 * org.hmm4j.testkit.record.WaitForGraph} and {@link org.hmm4j.testkit.record.RunLoop} read from it
 * why a run does not end.
 */
package org.hmm4j.testkit.record;

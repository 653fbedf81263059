// SPDX-License-Identifier: Apache-2.0

/**
 * The command line {@code hmm}. Not an API: it can only be started.
 *
 * <p>{@link org.hmm4j.testkit.cli.Main} is the entry point. A class for each command ({@code
 * ReplayCommand}, {@code DemoCommand}), and for each thing that commands share: {@code TraceSource}
 * finds what a user names, {@code ReplaySummary} is the table at the end, {@code OneLineErrors}
 * puts each error into a line, {@code ExitCodes} says what the process answers.
 *
 * <p>Everything is written to the writers of picocli's {@code CommandLine}, so that a test can read
 * it.
 */
package org.hmm4j.testkit.cli;

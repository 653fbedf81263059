// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine;

/**
 * A run of the command line with what it wrote.
 *
 * @param exitCode what the process would answer
 * @param out what went to standard output
 * @param err what went to standard error
 */
record CommandRun(int exitCode, String out, String err) {

  private static final long TICK_NANOS = 250_000_000;

  /** Runs with worlds that answer as recorded; each look at the clock takes a quarter second. */
  static CommandRun of(boolean terminal, String... args) {
    AtomicLong clock = new AtomicLong();
    return of(
        new Surroundings(
            kind -> scenario -> Optional.of(new EchoWorld(scenario)),
            () -> clock.getAndAdd(TICK_NANOS),
            () -> terminal,
            name -> null),
        args);
  }

  static CommandRun of(Surroundings surroundings, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine hmm = Main.commandLine(surroundings);
    hmm.setOut(new PrintWriter(out));
    hmm.setErr(new PrintWriter(err));
    int exitCode = hmm.execute(args);
    return new CommandRun(exitCode, lines(out), lines(err));
  }

  private static String lines(StringWriter text) {
    return text.toString().replace(System.lineSeparator(), "\n");
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import picocli.CommandLine;

/** The command {@code hmm}. */
public final class Main {

  private Main() {}

  /**
   * Runs a command and ends the process with its exit code.
   *
   * @param args the command and its options; {@code --help} says which there are
   */
  public static void main(String[] args) {
    System.exit(commandLine(Surroundings.ofProcess()).execute(args));
  }

  /** Puts the commands together. */
  static CommandLine commandLine(Surroundings surroundings) {
    OneLineErrors errors = new OneLineErrors();
    CommandLine hmm = new CommandLine(new HmmCommand());
    hmm.addSubcommand(new ReplayCommand(surroundings));
    hmm.addSubcommand(new DemoCommand());
    hmm.addSubcommand(new HuntCommand(surroundings));
    hmm.addSubcommand(new ExploreCommand(surroundings));
    hmm.addSubcommand(new ReplayTokenCommand());
    hmm.addSubcommand(new MergeCommand());
    hmm.setParameterExceptionHandler(errors);
    hmm.setExecutionExceptionHandler(errors);
    return hmm;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Answers what a user did wrong with one line, and what we did wrong with a stack trace. */
final class OneLineErrors implements IParameterExceptionHandler, IExecutionExceptionHandler {

  @Override
  public int handleParseException(ParameterException error, String[] args) {
    CommandLine command = error.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    print(command, error.getMessage() + "; see " + name + " --help");
    return ExitCodes.BAD_INPUT;
  }

  @Override
  public int handleExecutionException(Exception error, CommandLine command, ParseResult parsed) {
    if (error instanceof BadInputException) {
      print(command, error.getMessage());
      return ExitCodes.BAD_INPUT;
    }
    print(command, "a bug of hmm, please report it");
    error.printStackTrace(command.getErr());
    return ExitCodes.INTERNAL_ERROR;
  }

  private static void print(CommandLine command, String message) {
    String line = message.lines().collect(Collectors.joining(" "));
    command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + line);
    command.getErr().flush();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.function.UnaryOperator;

/** The variables in which job arrays say which job this is. */
enum ShardVariables {
  /** Kubernetes sets only the index; the job's manifest has to set the other. */
  KUBERNETES("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", 0),
  SLURM("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 0) {
    @Override
    int first(UnaryOperator<String> environment) throws BadInputException {
      return number(environment, "SLURM_ARRAY_TASK_MIN");
    }
  },
  CIRCLE_CI("CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0),
  GITLAB("CI_NODE_INDEX", "CI_NODE_TOTAL", 1);

  private final String index;
  private final String count;
  private final int first;

  ShardVariables(String index, String count, int first) {
    this.index = index;
    this.count = count;
    this.first = first;
  }

  /** Where the indexes of the array begin. */
  int first(UnaryOperator<String> environment) throws BadInputException {
    return first;
  }

  /**
   * Finds out which part of the work this process has to do.
   *
   * @param environment answers variables, or null
   * @return the whole if no variable is set
   * @throws BadInputException if variables are missing or say nonsense
   */
  static Shard read(UnaryOperator<String> environment) throws BadInputException {
    for (ShardVariables array : values()) {
      if (environment.apply(array.index) != null) {
        return array.shard(environment);
      }
    }
    return Shard.WHOLE;
  }

  private Shard shard(UnaryOperator<String> environment) throws BadInputException {
    int number = number(environment, index) - first(environment) + 1;
    int parts = number(environment, count);
    try {
      return new Shard(number, parts);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          "%s and %s: %s; --shard I/N says it too".formatted(index, count, e.getMessage()), e);
    }
  }

  static int number(UnaryOperator<String> environment, String variable) throws BadInputException {
    String text = environment.apply(variable);
    if (text == null) {
      throw new BadInputException(
          "this looks like a job array, but variable " + variable + " is not set; take --shard I/N",
          null);
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new BadInputException("variable %s is no number: '%s'".formatted(variable, text), e);
    }
  }
}

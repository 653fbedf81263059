// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ShardVariablesTest {

  private static Shard read(Map<String, String> environment) throws BadInputException {
    return ShardVariables.read(environment::get);
  }

  private static String refusal(Map<String, String> environment) {
    return assertThrows(BadInputException.class, () -> read(environment)).getMessage();
  }

  @Test
  void isTheWholeWhereNothingIsSet() throws BadInputException {
    assertEquals(Shard.WHOLE, read(Map.of()));
  }

  @Test
  void countsFromZeroOnKubernetesAndCircleCi() throws BadInputException {
    assertEquals(
        new Shard(1, 3), read(Map.of("JOB_COMPLETION_INDEX", "0", "JOB_COMPLETIONS", "3")));
    assertEquals(new Shard(3, 3), read(Map.of("CIRCLE_NODE_INDEX", "2", "CIRCLE_NODE_TOTAL", "3")));
  }

  @Test
  void countsFromOneOnGitlab() throws BadInputException {
    assertEquals(new Shard(1, 2), read(Map.of("CI_NODE_INDEX", "1", "CI_NODE_TOTAL", "2")));
  }

  @Test
  void countsFromTheFirstOfTheArrayOnSlurm() throws BadInputException {
    Map<String, String> last =
        Map.of(
            "SLURM_ARRAY_TASK_ID", "13",
            "SLURM_ARRAY_TASK_MIN", "10",
            "SLURM_ARRAY_TASK_COUNT", "4");
    assertEquals(new Shard(4, 4), read(last));
  }

  @Test
  void saysWhichVariableIsMissingOrWrong() {
    assertEquals(
        "this looks like a job array, but variable JOB_COMPLETIONS is not set; take --shard I/N",
        refusal(Map.of("JOB_COMPLETION_INDEX", "0")));
    assertEquals(
        "variable CI_NODE_INDEX is no number: 'one'",
        refusal(Map.of("CI_NODE_INDEX", "one", "CI_NODE_TOTAL", "2")));
    assertEquals(
        "CI_NODE_INDEX and CI_NODE_TOTAL: want I/N with I from 1 to N, got '3/2'; --shard I/N says"
            + " it too",
        refusal(Map.of("CI_NODE_INDEX", "3", "CI_NODE_TOTAL", "2")));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.hmm4j.testkit.gallery.Bug;
import org.hmm4j.testkit.gallery.Gallery;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.ExplorationResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hmm explore}: runs a scenario of the gallery under many schedules. */
@Command(
    name = "explore",
    mixinStandardHelpOptions = true,
    versionProvider = ManifestVersion.class,
    description = {
      "Run a scenario on the engine as it is, under many schedules, and say how many there were and"
          + " how many differed. With --scheduler exhaustive:N all that preempt at most N times.",
      ""
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Nothing was wrong in any schedule.",
      "1:A schedule failed; the output replays it.",
      "2:The command line is wrong."
    })
final class ExploreCommand implements Callable<Integer> {

  private final Surroundings surroundings;

  @Spec private CommandSpec spec;

  @Mixin private SearchOptions search;

  @Parameters(
      paramLabel = "SCENARIO",
      description = "The scenario of a bug, such as P17(a); hmm hunt --list tells them.")
  private String name;

  ExploreCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws BadInputException {
    List<Bug> bugs = Gallery.find(name);
    if (bugs.size() != 1) {
      throw new ParameterException(
          spec.commandLine(),
          bugs.isEmpty()
              ? "no scenario '%s'; hmm hunt --list tells them".formatted(name)
              : "'%s' has several scenarios: %s"
                  .formatted(name, String.join(", ", bugs.stream().map(Bug::id).toList())));
    }
    ProgressLine line = new ProgressLine(spec.commandLine().getErr(), surroundings.nanoTime());
    Exploration exploration = bugs.get(0).clean();
    if (surroundings.terminal().getAsBoolean()) {
      exploration.progress(new SearchProgress(line, name));
    }
    ExplorationResult result =
        search.apply(exploration, search.shard(surroundings.environment())).run();
    line.clear();
    PrintWriter out = spec.commandLine().getOut();
    out.println(result);
    out.flush();
    return result.failure().isEmpty() ? ExitCodes.OK : ExitCodes.NOT_ALL_MATCHED;
  }
}

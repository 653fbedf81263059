// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
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

  @Mixin private ReportOptions reports;

  @Parameters(
      paramLabel = "SCENARIO",
      description =
          "The scenario of a bug, such as P17(a); hmm hunt --list tells them. Or one of several"
              + " devices at once: comings, exit, faults, reap.")
  private String name;

  ExploreCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws BadInputException {
    ProgressLine line = new ProgressLine(spec.commandLine().getErr(), surroundings.nanoTime());
    Exploration exploration = exploration();
    if (surroundings.terminal().getAsBoolean()) {
      exploration.progress(new SearchProgress(line, name));
    }
    ExplorationResult result =
        search.apply(exploration, search.shard(surroundings.environment())).run();
    line.clear();
    PrintWriter out = spec.commandLine().getOut();
    out.println(result);
    out.flush();
    if (result.failure().isPresent()) {
      reports.write(ReportOptions.report(name, result.failure().get()));
    }
    return result.failure().isEmpty() ? ExitCodes.OK : ExitCodes.NOT_ALL_MATCHED;
  }

  private Exploration exploration() {
    try {
      return Gallery.clean(name);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}

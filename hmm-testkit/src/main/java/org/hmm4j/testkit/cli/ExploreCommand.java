// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.hmm4j.testkit.gallery.Explorable;
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
              + " devices at once: comings, exit, faults, reap. Or devmem for all scenarios of migration,"
              + " or one of them, such as devmem/private-fork. Reports are of the first failure.")
  private String name;

  ExploreCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws BadInputException {
    List<Exploration> explorations = explorations();
    Shard part = search.shard(surroundings.environment());
    PrintWriter out = spec.commandLine().getOut();
    long schedules = 0;
    int failed = 0;
    for (Exploration exploration : explorations) {
      ExplorationResult result = explore(exploration, part);
      out.println(result);
      out.flush();
      schedules += result.statistics().schedules();
      if (result.failure().isPresent() && failed++ == 0) {
        reports.write(ReportOptions.report(result.scenario(), result.failure().get()));
      }
    }
    if (explorations.size() > 1) {
      out.println(
          "%d scenarios, %d schedules, %d failed"
              .formatted(explorations.size(), schedules, failed));
      out.flush();
    }
    return failed == 0 ? ExitCodes.OK : ExitCodes.NOT_ALL_MATCHED;
  }

  private ExplorationResult explore(Exploration exploration, Shard part) {
    ProgressLine line = new ProgressLine(spec.commandLine().getErr(), surroundings.nanoTime());
    if (surroundings.terminal().getAsBoolean()) {
      exploration.progress(new SearchProgress(line, name));
    }
    ExplorationResult result = search.apply(exploration, part).run();
    line.clear();
    return result;
  }

  private List<Exploration> explorations() {
    List<Explorable> explorables = Explorable.find(name);
    return explorables.isEmpty()
        ? List.of(exploration())
        : explorables.stream().map(Explorable::explore).toList();
  }

  private Exploration exploration() {
    try {
      return Gallery.clean(name);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}

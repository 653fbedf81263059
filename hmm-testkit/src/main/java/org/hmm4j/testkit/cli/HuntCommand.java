// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.hmm4j.testkit.gallery.Bug;
import org.hmm4j.testkit.gallery.Gallery;
import org.hmm4j.testkit.gallery.Hunter;
import org.hmm4j.testkit.sim.Backend;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.ExplorationResult;
import org.hmm4j.testkit.sim.Failure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hmm hunt}: puts bugs that HMM once had back, and searches for them. */
@Command(
    name = "hunt",
    mixinStandardHelpOptions = true,
    versionProvider = ManifestVersion.class,
    description = {
      "Put bugs that HMM once had back into the engine, one at a time, and search for a schedule"
          + " that shows each. Needs a JDK: the bugs are compiled.",
      ""
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Every bug was found; with --clean: no alarm. Also a part (--shard) that has not found all:"
          + " merge the parts.",
      "1:A bug was not found, or something else failed; with --clean: an alarm.",
      "2:The command line is wrong, a file can't be written, or there is no compiler."
    })
final class HuntCommand implements Callable<Integer> {

  private final Surroundings surroundings;

  @Spec private CommandSpec spec;

  @Mixin private SearchOptions search;

  @Mixin private ReportOptions reports;

  @Option(names = "--all", description = "Hunt all bugs of the gallery.")
  private boolean all;

  @Option(
      names = "--clean",
      description =
          "Run the same scenarios with the same seed on the engine as it is: there must be no"
              + " alarm. All, if no bug is named.")
  private boolean clean;

  @Option(names = "--list", description = "Only list the bugs.")
  private boolean list;

  @Option(
      names = "--replays",
      paramLabel = "N",
      converter = SearchOptions.CountConverter.class,
      description = "Replay each failure so many times on each back end; all must be the same.")
  private Long replays;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the results there too; hmm merge adds them up.")
  private Path json;

  @Parameters(
      arity = "0..*",
      paramLabel = "BUG",
      description = "Such as P17(a), or P17 for all bugs of that card; --list tells them.")
  private List<String> names = List.of();

  HuntCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws BadInputException {
    List<Bug> bugs = bugs();
    PrintWriter out = spec.commandLine().getOut();
    if (list) {
      bugs.forEach(
          bug -> out.println("%-9s  %-4s  %s".formatted(bug.id(), bug.rule(), bug.what())));
      out.flush();
      return ExitCodes.OK;
    }
    if (reports.isAsked() && (bugs.size() != 1 || names.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(), "--html and --trace show one run: name one bug");
    }
    Shard part = search.shard(surroundings.environment());
    HuntReport report = hunt(bugs, part);
    HuntTable table = new HuntTable(report);
    table.lines().forEach(out::println);
    out.flush();
    if (json != null) {
      new HuntJson().write(report, json);
    }
    boolean undecided = !clean && !part.isWhole() && !table.hasOthers();
    return table.isGood() || undecided ? ExitCodes.OK : ExitCodes.NOT_ALL_MATCHED;
  }

  private List<Bug> bugs() {
    if (names.isEmpty() && (all || clean || list)) {
      return Gallery.bugs();
    }
    if (names.isEmpty() == !all) {
      throw new ParameterException(spec.commandLine(), "name bugs, or say --all");
    }
    List<Bug> bugs = new ArrayList<>();
    for (String name : names) {
      List<Bug> found = Gallery.find(name);
      if (found.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "no bug '%s'; hmm hunt --list tells them".formatted(name));
      }
      bugs.addAll(found);
    }
    return bugs.stream().distinct().toList();
  }

  private HuntReport hunt(List<Bug> bugs, Shard part) throws BadInputException {
    Function<Bug, Exploration> explorations = clean ? Bug::clean : hunter()::hunt;
    List<HuntRow> rows = new ArrayList<>();
    for (Bug bug : bugs) {
      ExplorationResult result = hunt(bug, explorations.apply(bug), part);
      rows.add(HuntRow.of(bug, result));
      if (replays != null && result.failure().isPresent()) {
        replay(bug, explorations, result.failure().get());
      }
      if (result.failure().isPresent() && (!names.isEmpty() || clean)) {
        Failure failure = result.failure().get();
        String title = bug.id() + ": " + bug.what();
        spec.commandLine().getOut().println("%s%n%s%n".formatted(title, failure));
        reports.write(ReportOptions.report(title, failure));
      }
    }
    return new HuntReport(
        clean, search.scheduler(), new HuntParts(List.of(new HuntPart(search.seed(), part))), rows);
  }

  private void replay(Bug bug, Function<Bug, Exploration> explorations, Failure failure)
      throws BadInputException {
    for (Backend backend : Backend.values()) {
      if (backend.isUsable()) {
        Exploration exploration = explorations.apply(bug).backend(backend);
        Replays same = Replays.of(exploration, failure, replays);
        spec.commandLine().getOut().println(bug.id() + " replayed on " + backend + ": " + same);
        if (!same.isAll()) {
          throw new BadInputException(bug.id() + " does not replay: " + failure.token(), null);
        }
      }
    }
  }

  private Hunter hunter() throws BadInputException {
    try {
      return new Hunter();
    } catch (IllegalStateException e) {
      throw new BadInputException(e.getMessage(), e);
    }
  }

  private ExplorationResult hunt(Bug bug, Exploration exploration, Shard part) {
    ProgressLine line = new ProgressLine(spec.commandLine().getErr(), surroundings.nanoTime());
    if (surroundings.terminal().getAsBoolean()) {
      exploration.progress(new SearchProgress(line, bug.id()));
    }
    ExplorationResult result = search.apply(exploration, part).run();
    line.clear();
    return result;
  }
}

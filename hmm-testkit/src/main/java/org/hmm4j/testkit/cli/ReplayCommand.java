// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.hmm4j.testkit.oracle.Difference;
import org.hmm4j.testkit.oracle.DriverKind;
import org.hmm4j.testkit.oracle.ReplayProgress;
import org.hmm4j.testkit.oracle.Replayer;
import org.hmm4j.testkit.oracle.Trace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hmm replay}: does what recorded traces say and compares the answers. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    versionProvider = ManifestVersion.class,
    description = {
      "Do what recorded traces say, on a fake process with two fake devices, and compare each"
          + " answer with that of Linux.",
      ""
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Every operation answered as on Linux.",
      "1:Some did not, or are not supported.",
      "2:A trace can't be read, or the command line is wrong."
    })
final class ReplayCommand implements Callable<Integer> {

  private final Surroundings surroundings;

  @Spec private CommandSpec spec;

  @Option(
      names = "--driver",
      paramLabel = "KIND",
      defaultValue = "interval",
      converter = DriverKindConverter.class,
      description = DriverKindConverter.DESCRIPTION)
  private DriverKind driver;

  @Option(
      names = "--max-differences",
      paramLabel = "N",
      defaultValue = "10",
      description = "Show no more differences than this. Default: ${DEFAULT-VALUE}.")
  private int maxDifferences;

  @Parameters(
      arity = "1..*",
      paramLabel = "TRACE",
      description =
          "A file, or corpus:NAME for a recording that comes with this program; corpus:all for"
              + " every one.")
  private List<String> names;

  ReplayCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws BadInputException {
    if (maxDifferences < 0) {
      throw new ParameterException(
          spec.commandLine(), "--max-differences is 0 or more, got " + maxDifferences);
    }
    // All are read before the first runs: a mistake in the last is known at once.
    List<Trace> traces = new TraceSource().read(names);
    ReplaySummary summary = new ReplaySummary(replay(traces));
    PrintWriter out = spec.commandLine().getOut();
    summary.lines().forEach(out::println);
    out.flush();
    return summary.allMatched() ? ExitCodes.OK : ExitCodes.NOT_ALL_MATCHED;
  }

  private List<TimedReport> replay(List<Trace> traces) {
    Replayer replayer = new Replayer(surroundings.worlds().apply(driver));
    List<TimedReport> reports = new ArrayList<>();
    int shown = 0;
    for (Trace trace : traces) {
      TimedReport timed = replay(replayer, trace);
      reports.add(timed);
      shown += show(timed.report().differences(), maxDifferences - shown);
    }
    int hidden = reports.stream().mapToInt(timed -> timed.report().differing()).sum() - shown;
    if (hidden > 0) {
      spec.commandLine()
          .getOut()
          .println("and %d more; --max-differences shows more%n".formatted(hidden));
    }
    return reports;
  }

  private TimedReport replay(Replayer replayer, Trace trace) {
    long begin = surroundings.nanoTime().getAsLong();
    ProgressLine line = new ProgressLine(spec.commandLine().getErr(), surroundings.nanoTime());
    boolean watched = surroundings.terminal().getAsBoolean();
    var report = replayer.replay(trace, watched ? line : ReplayProgress.NONE);
    line.clear();
    return new TimedReport(report, surroundings.nanoTime().getAsLong() - begin);
  }

  private int show(List<Difference> differences, int atMost) {
    PrintWriter out = spec.commandLine().getOut();
    List<Difference> shown = differences.subList(0, Math.min(differences.size(), atMost));
    shown.forEach(out::println);
    out.flush();
    return shown.size();
  }
}

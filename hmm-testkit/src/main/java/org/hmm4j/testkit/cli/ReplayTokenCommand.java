// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.hmm4j.testkit.gallery.Hunter;
import org.hmm4j.testkit.report.RunReport;
import org.hmm4j.testkit.sim.ExplorationResult;
import org.hmm4j.testkit.sim.Failure;
import org.hmm4j.testkit.sim.ScheduleDivergedException;
import org.hmm4j.testkit.sim.Token;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hmm replay-token}: runs one schedule again. */
@Command(
    name = "replay-token",
    mixinStandardHelpOptions = true,
    versionProvider = ManifestVersion.class,
    description = {
      "Run again the schedule of a failure that hmm hunt or hmm explore has found, and show it as a"
          + " table: a column for each task, a row for each step.",
      ""
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:The schedule runs and nothing is wrong with it any more.",
      "1:It fails, as it was recorded.",
      "2:It is no token, or this version runs other steps than the recorded ones."
    })
final class ReplayTokenCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private ReportOptions reports;

  @Parameters(paramLabel = "TOKEN", description = "What a failure shows after 'replay'.")
  private String text;

  @Override
  public Integer call() throws BadInputException {
    ExplorationResult result;
    try {
      Token token = Token.parse(text);
      result = Hunter.named(token.scenario()).replay(token).run();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    } catch (IllegalStateException e) {
      throw new BadInputException(e.getMessage(), e);
    } catch (ScheduleDivergedException e) {
      throw new BadInputException("the replay has diverged: " + e.getMessage(), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (result.failure().isEmpty()) {
      out.println("nothing is wrong in this schedule");
      out.flush();
      return ExitCodes.OK;
    }
    Failure failure = result.failure().get();
    RunReport report = ReportOptions.report(result.scenario(), failure);
    report.table().forEach(out::println);
    out.println();
    out.println(failure);
    out.flush();
    reports.write(report);
    return ExitCodes.NOT_ALL_MATCHED;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hmm merge}: adds up the results of several hunts. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    versionProvider = ManifestVersion.class,
    description = {
      "Add up what the parts (--shard) of a hunt have written with --json, or hunts with several"
          + " seeds.",
      ""
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:Together they have found every bug; or no alarm, if they ran with --clean.",
      "1:A part is missing, a bug was not found, something else failed, or there was an alarm.",
      "2:A file can't be read, or they can't be added."
    })
final class MergeCommand implements Callable<Integer> {

  /** How many missing parts are named. */
  private static final int NAMED = 8;

  @Spec private CommandSpec spec;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the sum there too.")
  private Path json;

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "What hmm hunt --json wrote.")
  private List<Path> files;

  @Override
  public Integer call() throws BadInputException {
    HuntJson format = new HuntJson();
    List<HuntReport> reports = new ArrayList<>();
    for (Path file : files) {
      reports.add(format.read(file));
    }
    HuntReport sum = HuntReport.merge(reports);
    HuntTable table = new HuntTable(sum);
    PrintWriter out = spec.commandLine().getOut();
    List<HuntPart> missing = sum.parts().missing();
    if (missing.isEmpty()) {
      table.lines().forEach(out::println);
    } else {
      table.rows().forEach(out::println);
      out.println("NOT OK: " + words(missing));
    }
    out.flush();
    if (json != null) {
      format.write(sum, json);
    }
    return missing.isEmpty() && table.isGood() ? ExitCodes.OK : ExitCodes.NOT_ALL_MATCHED;
  }

  private static String words(List<HuntPart> missing) {
    String named =
        String.join(", ", missing.stream().limit(NAMED).map(HuntPart::toString).toList());
    return missing.size() <= NAMED
        ? "missing: " + named
        : "missing: %s and %d more".formatted(named, missing.size() - NAMED);
  }
}

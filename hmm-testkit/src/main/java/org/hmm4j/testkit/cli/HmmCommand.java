// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hmm} without a command: only says what there is. */
@Command(
    name = "hmm",
    mixinStandardHelpOptions = true,
    versionProvider = ManifestVersion.class,
    description = "A model of Linux Heterogeneous Memory Management, held against a real kernel.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    footer = {"", "Help for a command: hmm COMMAND --help"},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:All is well.",
      "1:Something differs from Linux, or was not done.",
      "2:The command line or a file is not as it should be; one line on standard error says what.",
      "3:A bug of this program."
    })
final class HmmCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}

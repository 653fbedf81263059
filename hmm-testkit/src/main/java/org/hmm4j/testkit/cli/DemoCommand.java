// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.concurrent.Callable;
import org.hmm4j.testkit.oracle.DriverKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hmm demo}: a minute with a process and a device. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    versionProvider = ManifestVersion.class,
    description = {
      "Tell how a device keeps its page table in step with that of a process: faults,"
          + " invalidations, and a retry. The output is the same each time.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:The story was told.", "2:The command line is wrong."})
final class DemoCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--driver",
      paramLabel = "KIND",
      defaultValue = "interval",
      converter = DriverKindConverter.class,
      description = DriverKindConverter.DESCRIPTION)
  private DriverKind driver;

  @Override
  public Integer call() {
    Narrator narrator = new Narrator(spec.commandLine().getOut());
    new DemoStory(DemoProcess.start(driver, narrator), narrator).tell();
    return ExitCodes.OK;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hmm4j.testkit.report.RunReport;
import org.hmm4j.testkit.sim.Failure;
import picocli.CommandLine.Option;

/** Where a failing run is shown. */
final class ReportOptions {

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Show the failing run as a page for a browser, which loads nothing.")
  private Path html;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Write the failing run as Chrome trace events; ui.perfetto.dev opens them.")
  private Path trace;

  boolean isAsked() {
    return html != null || trace != null;
  }

  static RunReport report(String title, Failure failure) {
    return RunReport.of(title, failure.verdict().name(), failure.message(), failure.record());
  }

  void write(RunReport report) throws BadInputException {
    if (html != null) {
      write(html, report.html());
    }
    if (trace != null) {
      write(trace, report.trace());
    }
  }

  private static void write(Path file, String text) throws BadInputException {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new BadInputException("%s can't be written: %s".formatted(file, e.getMessage()), e);
    }
  }
}

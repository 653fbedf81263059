// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the formats of the reports. They are made from records of real runs that are kept as files,
 * so that the engine may take other steps. After a wanted change of a format write the files anew
 * and look at the difference; {@code records} instead of {@code formats} also runs the schedules
 * again:
 *
 * <pre>
 * mvn -pl hmm-testkit -am test -Dtest=GoldenReportsTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dhmm.golden.update=formats
 * </pre>
 */
class GoldenReportsTest {

  private static final Path FOLDER = Path.of("src/test/resources/org/hmm4j/testkit/report");
  private static final String UPDATE = System.getProperty("hmm.golden.update", "");

  @TestFactory
  Stream<DynamicTest> deadlock() throws IOException {
    return all("deadlock", FailedRuns::deadlock);
  }

  @TestFactory
  Stream<DynamicTest> race() throws IOException {
    return all("race", FailedRuns::race);
  }

  @Test
  void aRecordComesBackFromItsFile() {
    for (RunReport report : new RunReport[] {FailedRuns.deadlock(), FailedRuns.race()}) {
      assertEquals(report, RecordFile.read(RecordFile.write(report)));
    }
  }

  private static Stream<DynamicTest> all(String name, Supplier<RunReport> run) throws IOException {
    String file = name + ".record";
    if (UPDATE.equals("records")) {
      write(file, RecordFile.write(run.get()));
    }
    RunReport report = RecordFile.read(UPDATE.isEmpty() ? resource(file) : written(file));
    return Stream.of(
        golden(name + ".txt", report, GoldenReportsTest::text),
        golden(name + ".trace.json", report, RunReport::trace),
        golden(name + ".timeline.json", report, kept -> new TimelineData(kept).json()));
  }

  private static String text(RunReport report) {
    return String.join("\n", report.table()) + "\n";
  }

  private static DynamicTest golden(
      String file, RunReport report, Function<RunReport, String> format) {
    return DynamicTest.dynamicTest(file, () -> compare(file, format.apply(report)));
  }

  private static void compare(String file, String actual) throws IOException {
    if (UPDATE.isEmpty()) {
      assertEquals(resource(file), actual, file);
    } else {
      write(file, actual);
    }
  }

  private static String written(String file) throws IOException {
    return Files.readString(FOLDER.resolve(file));
  }

  private static void write(String file, String text) throws IOException {
    Files.createDirectories(FOLDER);
    Files.writeString(FOLDER.resolve(file), text);
  }

  private static String resource(String file) {
    try (InputStream in = GoldenReportsTest.class.getResourceAsStream(file)) {
      assertNotNull(in, file + " is missing");
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

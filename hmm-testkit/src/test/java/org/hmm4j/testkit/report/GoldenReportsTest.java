// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the formats of the reports. After a wanted change of a format, or of the steps of the
 * engine, write the files anew and look at the difference:
 *
 * <pre>
 * mvn -pl hmm-testkit -am test -Dtest=GoldenReportsTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dhmm.golden.update=true
 * </pre>
 */
class GoldenReportsTest {

  @TestFactory
  Stream<DynamicTest> deadlock() {
    return all("deadlock", FailedRuns.deadlock());
  }

  @TestFactory
  Stream<DynamicTest> race() {
    return all("race", FailedRuns.race());
  }

  private static Stream<DynamicTest> all(String name, RunReport report) {
    return Stream.of(
        golden(name + ".txt", report, GoldenReportsTest::text),
        golden(name + ".trace.json", report, RunReport::trace),
        golden(name + ".timeline.json", report, run -> new TimelineData(run).json()));
  }

  private static String text(RunReport report) {
    return String.join("\n", report.table()) + "\n";
  }

  private static DynamicTest golden(
      String file, RunReport report, Function<RunReport, String> format) {
    return DynamicTest.dynamicTest(file, () -> compare(file, format.apply(report)));
  }

  private static void compare(String file, String actual) throws IOException {
    if (Boolean.getBoolean("hmm.golden.update")) {
      Path folder = Path.of("src/test/resources/org/hmm4j/testkit/report");
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(file), actual);
    } else {
      try (InputStream in = GoldenReportsTest.class.getResourceAsStream(file)) {
        assertNotNull(in, file + " is missing");
        String expected = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(expected.replace("\r\n", "\n"), actual, file);
      }
    }
  }
}

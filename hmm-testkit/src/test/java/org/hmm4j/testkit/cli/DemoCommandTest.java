// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoCommandTest {

  @ParameterizedTest
  @ValueSource(strings = {"interval", "mirror"})
  void tellsTheSameStoryEachTime(String driver) throws IOException {
    for (int i = 0; i < 2; i++) {
      CommandRun run = CommandRun.of(false, "demo", "--driver", driver);

      assertEquals(golden("demo-" + driver + ".txt"), run.out());
      assertEquals("", run.err());
      assertEquals(0, run.exitCode());
    }
  }

  private static String golden(String name) throws IOException {
    try (InputStream in = DemoCommandTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "none",
      value = {
        "none | hmm: a command is missing; see hmm --help",
        "fly | hmm: Unmatched argument at index 0: 'fly'; see hmm --help",
        "--fly | hmm: Unknown option: '--fly'; see hmm --help",
        "replay | hmm replay: Missing required parameter: 'TRACE'; see hmm replay --help",
        "replay --fly x | hmm replay: Unknown option: '--fly'; see hmm replay --help",
        "replay --driver fly x | hmm replay: Invalid value for option '--driver': want interval or"
            + " mirror, got 'fly'; see hmm replay --help",
        "replay --max-differences -1 x | hmm replay: --max-differences is 0 or more, got -1; see"
            + " hmm replay --help",
        "replay --max-differences x y | hmm replay: Invalid value for option '--max-differences':"
            + " 'x' is not an int; see hmm replay --help",
        "replay no/such/file | hmm replay: no/such/file: no such file",
        "replay corpus:basic corpus:fly | hmm replay: no recorded trace \"corpus:fly\"; there are"
            + " basic, coherent, exclusive, files, fork, huge, migrate, rfault, wide and all",
        "replay corpus: | hmm replay: no recorded trace \"corpus:\"; there are basic, coherent,"
            + " exclusive, files, fork, huge, migrate, rfault, wide and all",
      })
  void answersBadInputWithOneLine(String args, String line) {
    CommandRun run = CommandRun.of(false, args == null ? new String[0] : args.split(" "));

    assertEquals(line + "\n", run.err());
    assertEquals("", run.out());
    assertEquals(2, run.exitCode());
  }

  @Test
  void answersABadFileWithOneLineBeforeAnythingRuns(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("x.trace"), "scenario s pages 4\nfly => 0\n");
    CommandRun run = CommandRun.of(false, "replay", "corpus:basic", file.toString());

    assertTrue(run.err().startsWith("hmm replay: " + file + ":2:1: expected an operation ("));
    assertEquals(1, run.err().lines().count());
    assertEquals("", run.out());
    assertEquals(2, run.exitCode());
  }

  @Test
  void answersADirectoryWithOneLine(@TempDir Path folder) {
    CommandRun run = CommandRun.of(false, "replay", folder.toString());

    assertEquals("hmm replay: " + folder + ": is a directory\n", run.err());
    assertEquals(2, run.exitCode());
  }

  @Test
  void reportsAnErrorOfItsOwnWithAStackTrace() {
    Surroundings broken =
        new Surroundings(
            kind -> {
              throw new IllegalStateException("broken");
            },
            () -> 0,
            () -> false,
            name -> null);
    CommandRun run = CommandRun.of(broken, "replay", "corpus:basic");

    assertTrue(run.err().startsWith("hmm replay: a bug of hmm, please report it\n"));
    assertTrue(run.err().contains("IllegalStateException: broken"));
    assertEquals(3, run.exitCode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "replay --help"})
  void helpNamesOptionsAndExitCodes(String args) {
    CommandRun run = CommandRun.of(false, args.split(" "));

    assertEquals(0, run.exitCode());
    assertEquals("", run.err());
    assertTrue(run.out().startsWith("Usage: hmm"), run.out());
    assertTrue(run.out().contains("Exit codes:\n  0   "), run.out());
    assertTrue(run.out().contains("--version"), run.out());
    assertTrue(run.out().lines().allMatch(line -> line.length() <= 80), run.out());
  }

  @Test
  void helpNamesTheCommands() {
    assertTrue(CommandRun.of(false, "--help").out().contains("\n  replay  "));
  }

  @Test
  void hasAVersion() {
    CommandRun run = CommandRun.of(false, "--version");

    assertEquals(0, run.exitCode());
    assertTrue(run.out().matches("hmm \\S.*\n"), run.out());
  }
}

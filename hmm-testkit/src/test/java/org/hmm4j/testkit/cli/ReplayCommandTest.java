// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hmm4j.testkit.oracle.DriverKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {

  private static final String GOOD =
      """
      scenario good pages 4
      mmap 0 4 rw anon-private => 0
      cpu_write 0 4 7 => ok
      end
      """;

  private static final String BAD =
      """
      scenario bad pages 2
      mmap 0 2 rw anon-private => 0
      check_exclusive 0 0 2 => 0
      munmap 0 2 => 0
      end
      """;

  private static final String UNSUPPORTED =
      """
      scenario forking pages 2
      mmap 0 2 rw anon-private => 0
      fork 0 => 0
      reap 0 => 0
      end
      """;

  @TempDir Path folder;

  private String file(String name, String... scenarios) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", scenarios)).toString();
  }

  private String withoutFolder(String text) {
    return text.replace(folder.toString(), "DIR");
  }

  @Test
  void saysThatAllMatched() throws IOException {
    CommandRun run = CommandRun.of(false, "replay", file("g.trace", GOOD));

    assertEquals(
        """
        trace        scenarios  operations  matched  differing  unsupported  not run    time
        DIR/g.trace          1           2        2          0            0        0  0.50 s

        OK: all 2 operations answered as on Linux.
        """,
        withoutFolder(run.out()).replace(" ".repeat(folder.toString().length() - 3), ""));
    assertEquals("", run.err());
    assertEquals(0, run.exitCode());
  }

  @Test
  void showsWhatDiffers() throws IOException {
    CommandRun run = CommandRun.of(false, "replay", file("a.trace", GOOD, BAD, UNSUPPORTED));

    String differences = run.out().substring(0, run.out().indexOf("trace  "));
    assertEquals(
        """
        DIR/a.trace:8: bad: check_exclusive 0 0 2
          Linux  0
          model  EINVAL
             page  cpu
          >     0  rw
          >     1  rw

        """,
        withoutFolder(differences));
    assertTrue(run.out().endsWith("\nNOT OK: 4 of 8 operations answered as on Linux.\n"));
    assertEquals(1, run.exitCode());
  }

  @Test
  void anUnsupportedOperationIsNotOk() throws IOException {
    CommandRun run = CommandRun.of(false, "replay", file("u.trace", UNSUPPORTED));

    assertTrue(run.out().contains(" 1           3        1          0            2        0 "));
    assertEquals(1, run.exitCode());
  }

  @Test
  void addsUpSeveralTraces() {
    CommandRun run = CommandRun.of(false, "replay", "corpus:basic", "corpus:files");

    assertEquals(
        """
        trace         scenarios  operations  matched  differing  unsupported  not run    time
        corpus:basic        150        3936     3936          0            0        0  0.50 s
        corpus:files        150        3912     3912          0            0        0  0.50 s
        total               300        7848     7848          0            0        0  1.00 s

        OK: all 7848 operations answered as on Linux.
        """,
        run.out());
    assertEquals(0, run.exitCode());
  }

  @Test
  void R160_replaysTheWholeCorpus() {
    CommandRun run = CommandRun.of(false, "replay", "--max-differences", "0", "corpus:all");

    assertTrue(run.out().contains("\ntotal "), run.out());
    assertTrue(run.out().contains(" of 29654 operations answered"), run.out());
    assertEquals(1, run.exitCode());
  }

  @Test
  void limitsTheDifferencesThatItShows() throws IOException {
    String[] args = {"replay", "--max-differences=2", file("b.trace", BAD, BAD), file("c", BAD)};
    CommandRun run = CommandRun.of(false, args);

    assertEquals(2, run.out().split("model  EINVAL", -1).length - 1);
    assertTrue(run.out().contains("\n\nand 1 more; --max-differences shows more\n\ntrace "));
    assertEquals(1, run.exitCode());
  }

  @Test
  void passesTheDriverOn() throws IOException {
    List<DriverKind> asked = new ArrayList<>();
    Surroundings surroundings =
        new Surroundings(
            kind -> {
              asked.add(kind);
              return scenario -> Optional.of(new EchoWorld(scenario));
            },
            () -> 0,
            () -> false,
            name -> null);
    String file = file("g.trace", GOOD);

    CommandRun.of(surroundings, "replay", file);
    CommandRun.of(surroundings, "replay", "--driver", "mirror", file);
    CommandRun.of(surroundings, "replay", "--driver=interval", file);

    assertEquals(List.of(DriverKind.INTERVAL, DriverKind.MIRROR, DriverKind.INTERVAL), asked);
  }

  @Test
  void showsALongRunToAPersonOnly() {
    CommandRun watched = CommandRun.of(true, "replay", "corpus:basic");
    CommandRun unwatched = CommandRun.of(false, "replay", "corpus:basic");

    assertTrue(watched.err().startsWith("\rcorpus:basic: 4 of 150 scenarios\r"), watched.err());
    assertTrue(watched.err().endsWith("\r" + " ".repeat(34) + "\r"), watched.err());
    assertEquals("", unwatched.err());
  }
}

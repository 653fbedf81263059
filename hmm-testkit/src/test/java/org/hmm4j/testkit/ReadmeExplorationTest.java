// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hmm4j.kernel.Errno;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.driver.IntervalDmirror;
import org.hmm4j.testkit.junit.Explore;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.hmm4j.testkit.sim.SimWorld;
import org.junit.jupiter.api.Test;

/** The README's example of an explored test is this class's method. */
final class ReadmeExplorationTest {

  private static final long BASE = 0x40000000L;

  // README begin
  @Explore
  void theDeviceNeverKeepsAPageThatIsGone(SimWorld world) {
    PhysicalMemory memory = PhysicalMemory.create(world.kernel());
    FakeMm process = FakeMm.create(world.kernel(), memory);
    process.mmap(BASE, 8192, Prot.READ_WRITE, Mapping.anonPrivate());
    Dmirror device = IntervalDmirror.open(process.mm(), memory);
    world.spawn("device", () -> device.read(BASE, new int[2]));
    world.spawn("cpu", () -> process.munmap(BASE, 4096));
    world.atEnd(
        () -> {
          assertEquals(Errno.EFAULT, device.read(BASE, new int[1]).errno());
          device.close();
          process.exit();
        });
  }

  // README end

  @Test
  void theExampleIsTheCodeOfThisTest() throws IOException {
    Path module = Path.of("").toAbsolutePath();
    String readme = Files.readString(module.getParent().resolve("README.md"));
    String code =
        Files.readString(
            module.resolve("src/test/java/org/hmm4j/testkit/ReadmeExplorationTest.java"));
    String shown =
        between(readme.substring(readme.indexOf("## Find the race")), "```java\n", "```");
    String here = between(code, "// README begin\n", "// README end");
    assertEquals(here.strip().replaceAll("(?m)^  ", ""), shown.strip());
  }

  private static String between(String text, String first, String last) {
    int from = text.indexOf(first) + first.length();
    return text.substring(from, text.indexOf(last, from));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.driver.IntervalDmirror;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.api.Test;

/** The README's example is this class's method, and does what its comments say. */
final class ReadmeTest {

  private void example() {
    // README begin
    Kernel kernel = Kernel.boot();
    PhysicalMemory memory = PhysicalMemory.create(kernel);
    FakeMm process = FakeMm.create(kernel, memory);
    process.mmap(0x40000000L, 16384, Prot.READ_WRITE, Mapping.anonPrivate());
    process.store(0x40000000L, 42);

    try (Dmirror device = IntervalDmirror.open(process.mm(), memory)) {
      int[] words = new int[4];
      device.read(0x40000000L, words); // faults the pages in and mirrors them
      System.out.println(words[0]); // 42
      process.munmap(0x40000000L, 4096); // the device is told, and drops the page
      System.out.println(device.read(0x40000000L, words).errno()); // EFAULT
    }
    process.exit();
    // README end
  }

  @Test
  void exampleIsTheCodeOfThisTest() throws IOException {
    Path module = Path.of("").toAbsolutePath();
    List<String> readme = Files.readAllLines(module.getParent().resolve("README.md"));
    Path self = module.resolve("src/test/java/org/hmm4j/testkit/ReadmeTest.java");
    assertEquals(
        between(Files.readAllLines(self), "// README begin"::equals, "// README end"::equals),
        between(readme, "```java"::equals, "```"::equals));
  }

  private static String between(
      List<String> lines, Predicate<String> first, Predicate<String> last) {
    List<String> rest =
        lines.stream().map(String::strip).dropWhile(first.negate()).skip(1).toList();
    assertTrue(rest.stream().anyMatch(last), "the example has an end");
    return rest.stream().takeWhile(last.negate()).collect(Collectors.joining("\n"));
  }

  @Test
  void testNamedForContributorsExists() throws IOException {
    Path root = Path.of("").toAbsolutePath().getParent();
    Matcher named =
        Pattern.compile("-Dtest=(\\w+)").matcher(Files.readString(root.resolve("README.md")));
    assertTrue(named.find(), "a test is named");
    try (Stream<Path> files = Files.walk(root.resolve("hmm-impl/src/test/java"))) {
      assertTrue(files.anyMatch(file -> file.endsWith(named.group(1) + ".java")), named.group());
    }
  }

  @Test
  void exampleDoesWhatItsCommentsSay() {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      example();
    } finally {
      System.setOut(console);
    }
    assertEquals(
        List.of("42", "EFAULT"), printed.toString(StandardCharsets.UTF_8).lines().toList());
  }
}

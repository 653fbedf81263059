// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hmm4j.kernel.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceReaderTest {

  private static Trace parse(String... lines) {
    return TraceReader.parse("t", String.join("\n", lines) + "\n");
  }

  private static Step parseStep(String line) {
    return parse("scenario s pages 8", line, "end").scenarios().get(0).steps().get(0);
  }

  private static String errorOf(String... lines) {
    return assertThrows(TraceSyntaxException.class, () -> parse(lines)).getMessage();
  }

  private static String errorOfStep(String line) {
    return errorOf("scenario s pages 8", line, "end");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mmap 0 4096 none hugetlb-private => ENOMEM",
        "munmap 65535 1 => 0",
        "mprotect 8 7 rw => EACCES",
        "dontneed 5 2 => EINVAL",
        "mremap 1 7 14 => EFAULT",
        "cpu_write 4 5 4294967295 => SIGBUS@4",
        "cpu_read 9 3 => SIGSEGV@2 values 4294967295*2",
        "cpu_read 9 1 => SIGBUS@0 values",
        "fork 7 => 0",
        "child_write 0 1 2 3 => ok",
        "child_read 7 0 3 => ok values 1 0*2",
        "reap 0 => 0",
        "dev_read 0 5 2 => 0 cpages 2 faults 1 values 7 8",
        "dev_read 1 5 2 => ENOENT",
        "dev_write 1 5 2 9 => 0 cpages 2 faults 0",
        "snapshot 0 0 4 => 0 cpages 4 perms ff 06*2 51",
        "range_fault 1 0 5 fw - f w - fw - => 0 pfns VW9 V E -9 VWD",
        "to_dev 0 1 2 => 0 cpages 2 values 0*2",
        "to_sys 0 1 2 => 0 cpages 0",
        "exclusive 0 1 2 => EBUSY",
        "check_exclusive 0 1 2 => EPERM"
      })
  void readsAndPrintsEachOperation(String line) {
    assertEquals(line, parseStep(line).toString());
  }

  @Test
  void givesTypedOperationsAndAnswers() {
    Step fault = parseStep("range_fault 1 2 3 f fw - w f => 0 pfns V*2 -");

    assertEquals(
        new DeviceOperation.RangeFault(
            1,
            new PageSpan(2, 3),
            Request.FAULT,
            Request.FAULT_WRITE,
            List.of(Request.NONE, Request.WRITE, Request.FAULT)),
        fault.operation());
    PfnWord valid = new PfnWord(true, false, false, false, 0);
    PfnWord none = new PfnWord(false, false, false, false, 0);
    assertEquals(new Answer.Faulted(Runs.of(List.of(valid, valid, none))), fault.expected());
    assertEquals(Answer.error(Errno.EPERM), parseStep("dev_read 0 0 1 => EPERM").expected());
  }

  @Test
  void takesRunsThatCouldBeLonger() {
    assertEquals(
        parseStep("cpu_read 0 3 => ok values 5*3"), parseStep("cpu_read 0 3 => ok values 5 5 5*1"));
  }

  @Test
  void takesAFileWithoutAFinalLineBreakAndMoreEmptyLines() {
    String text = "\n\nscenario a pages 1\nend\n\n\nscenario b pages 2 thp\nend";

    assertEquals(
        "scenario a pages 1\nend\n\nscenario b pages 2 thp\nend\n",
        TraceReader.parse("t", text).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "mmap 0 4 rx anon-private => 0 | t:2:10: expected a protection (none, r, rw), got \"rx\"",
        "mmap 0 4 r anon => 0 | t:2:12: expected a kind of mapping (anon-private, anon-shared,"
            + " file-private, file-shared, hugetlb-private), got \"anon\"",
        "munmap 0 => 0 | t:2:10: expected a count of pages, a number from 1 to 65536, got \"=>\"",
        "munmap 0 | t:2:9: expected a count of pages, a number from 1 to 65536, got the end of the"
            + " line",
        "munmap -1 1 => 0 | t:2:8: expected a page, a number from 0 to 65535, got \"-1\"",
        "munmap 65536 1 => 0 | t:2:8: expected a page, a number from 0 to 65535, got \"65536\"",
        "munmap 65535 2 => 0 | t:2:14: expected a count of pages, a number from 1 to 1, got \"2\"",
        "munmap 0 0 => 0 | t:2:10: expected a count of pages, a number from 1 to 65536, got \"0\"",
        "munmap 0 04 => 0 | t:2:10: expected a count of pages, a number from 1 to 65536, got"
            + " \"04\"",
        "munmap 0 99999999999999999999 => 0 | t:2:10: expected a count of pages, a number from 1"
            + " to 65536, got \"99999999999999999999\"",
        "munmap 0 4 -> 0 | t:2:12: expected \"=>\", got \"->\"",
        "munmap 0 4 5 => 0 | t:2:12: expected \"=>\", got \"5\"",
        "munmap 0 4 => OK | t:2:15: expected an errno (0, EPERM, ENOENT, EINTR, EAGAIN, ENOMEM,"
            + " EACCES, EFAULT, EBUSY, EEXIST, EINVAL, EOVERFLOW, EOPNOTSUPP), got \"OK\"",
        "munmap 0 4 => 0 0 | t:2:17: expected the end of the line, got \"0\"",
        "munmap  0 4 => 0 | t:2:8: expected a page, a number from 0 to 65535, got an extra space",
        "mremap 0 4 65533 => 0 | t:2:12: expected the target page, a number from 0 to 65532, got"
            + " \"65533\"",
        "cpu_write 0 4 4294967296 => ok | t:2:15: expected a value, a number from 0 to 4294967295,"
            + " got \"4294967296\"",
        "cpu_write 0 4 1 => SIGSEGV@4 | t:2:20: expected \"ok\", SIGSEGV@i or SIGBUS@i with i from"
            + " 0 to 3, got \"SIGSEGV@4\"",
        "cpu_read 0 4 => ok values 1*3 | t:2:30: expected value 4 of 4, got the end of the line",
        "cpu_read 0 4 => ok values 1*5 | t:2:27: expected value 1 of 4, at most 4 times, got"
            + " \"1*5\"",
        "cpu_read 0 4 => ok values 1*0 | t:2:27: expected value 1 of 4, at most 4 times, got"
            + " \"1*0\"",
        "cpu_read 0 4 => ok values x | t:2:27: expected value 1 of 4, got \"x\"",
        "cpu_read 0 4 => SIGSEGV@1 values 1 2 | t:2:36: expected the end of the line, got \"2\"",
        "dev_read 2 0 4 => EFAULT | t:2:10: expected a device, a number from 0 to 1, got \"2\"",
        "dev_read 0 0 4 => 0 cpages 5 faults 1 values 0*4 | t:2:28: expected a count of pages, a"
            + " number from 0 to 4, got \"5\"",
        "dev_read 0 0 4 => 0 | t:2:20: expected \"cpages\", got the end of the line",
        "fork 8 => 0 | t:2:6: expected a child, a number from 0 to 7, got \"8\"",
        "snapshot 0 0 1 => 0 cpages 1 perms 5 | t:2:36: expected perms of page 1 of 1, got \"5\"",
        "snapshot 0 0 1 => 0 cpages 1 perms FF | t:2:36: expected perms of page 1 of 1, got"
            + " \"FF\"",
        "range_fault 0 0 2 f - - => EFAULT | t:2:25: expected request 2 of 2 (-, f, w, fw), got"
            + " \"=>\"",
        "range_fault 0 0 65 f - - => EFAULT | t:2:17: expected a count of pages, a number from 1 to"
            + " 64, got \"65\"",
        "range_fault 0 0 1 f - - => 0 pfns WV | t:2:35: expected pfn 1 of 1, got \"WV\"",
        "range_fault 0 0 1 f - - => 0 pfns V32 | t:2:35: expected pfn 1 of 1, got \"V32\"",
        "range_fault 0 0 1 f - - => 0 pfns 9 | t:2:35: expected pfn 1 of 1, got \"9\"",
        "scenario t pages 4 | t:2:1: expected an operation (check_exclusive, child_read,"
            + " child_write, cpu_read, cpu_write, dev_read, dev_write, dontneed, exclusive, fork,"
            + " mmap, mprotect, mremap, munmap, range_fault, reap, snapshot, to_dev, to_sys) or"
            + " \"end\", got \"scenario\"",
      })
  void refusesABadStep(String line, String message) {
    assertEquals(message, errorOfStep(line));
  }

  @Test
  void refusesTrailingSpaces() {
    assertEquals(
        "t:2:17: expected the end of the line, got an extra space",
        errorOfStep("munmap 0 4 => 0 "));
  }

  @Test
  void refusesAnEmptyLineWithinAScenario() {
    assertTrue(errorOfStep("").startsWith("t:2:1: expected an operation ("));
    assertTrue(errorOfStep("").endsWith("got an empty line"));
  }

  @Test
  void refusesAFileWithoutScenario() {
    assertEquals("t:2:1: expected \"scenario\", got the end of the file", errorOf());
    assertEquals(
        "x:1:1: expected \"scenario\", got the end of the file",
        assertThrows(TraceSyntaxException.class, () -> TraceReader.parse("x", "")).getMessage());
  }

  @Test
  void refusesAnOperationOutsideAScenario() {
    assertEquals("t:1:1: expected \"scenario\", got \"munmap\"", errorOf("munmap 0 1 => 0"));
    assertEquals(
        "t:3:1: expected \"scenario\", got \"end\"", errorOf("scenario s pages 1", "end", "end"));
  }

  @Test
  void refusesAScenarioWithoutEnd() {
    assertEquals(
        "t:4:1: expected an operation or the \"end\" of the scenario in line 2, got the end of the"
            + " file",
        errorOf("", "scenario s pages 1", "munmap 0 1 => 0"));
  }

  @Test
  void refusesABadHead() {
    assertEquals(
        "t:1:9: expected the name of the scenario, got the end of the line", errorOf("scenario"));
    assertEquals("t:1:12: expected \"pages\", got \"page\"", errorOf("scenario s page 1"));
    assertEquals(
        "t:1:18: expected a count of pages, a number from 1 to 65536, got \"0\"",
        errorOf("scenario s pages 0"));
    assertEquals(
        "t:1:20: expected a mode (thp, coherent), got \"huge\"",
        errorOf("scenario s pages 1 huge"));
    assertEquals(
        "t:1:24: expected the end of the line, got \"coherent\"",
        errorOf("scenario s pages 1 thp coherent"));
    assertEquals(
        "t:1:10: expected a name of at most 200 characters, got 201 of them",
        errorOf("scenario " + "n".repeat(201) + " pages 1"));
    assertEquals(
        "t:2:5: expected the end of the line, got an extra space",
        errorOf("scenario s pages 1", "end "));
  }

  @Test
  void showsOnlyTheBeginningOfAMonsterAndNoControlCharacters() {
    assertTrue(errorOfStep("x".repeat(10_000)).endsWith("got \"" + "x".repeat(40) + "...\""));
    assertEquals("t:1:1: expected \"scenario\", got \"\\u001b[31mred\"", errorOf("\u001b[31mred"));
  }

  @Test
  void knowsWhereTheErrorIs() {
    TraceSyntaxException error =
        assertThrows(TraceSyntaxException.class, () -> parse("scenario s pages x"));

    assertEquals("t", error.file());
    assertEquals(1, error.line());
    assertEquals(18, error.column());
  }

  @Test
  void readsAFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("a.trace"), "scenario s pages 1\nend\n");

    Trace trace = TraceReader.read(file);

    assertEquals(file.toString(), trace.name());
    assertEquals(1, trace.scenarios().size());
  }

  @Test
  void refusesBytesThatAreNotUtf8(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a.trace");
    Files.write(file, "scenario \u00e9 pages 1\nend\n".getBytes(StandardCharsets.ISO_8859_1));

    assertEquals(
        file + ":1:1: expected text in UTF-8, got other bytes",
        assertThrows(TraceSyntaxException.class, () -> TraceReader.read(file)).getMessage());
  }
}

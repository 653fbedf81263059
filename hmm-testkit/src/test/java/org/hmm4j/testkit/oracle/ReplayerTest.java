// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplayerTest {

  private static final String MMAP = "mmap 0 8 rw anon-private => 0";
  private static final String WRITE = "cpu_write 1 2 10 => ok";
  private static final String READ = "dev_read 0 1 3 => 0 cpages 3 faults 1 values 10 11 0";
  private static final String SNAPSHOT = "snapshot 1 0 2 => 0 cpages 2 perms 00 02";
  private static final String FORK = "fork 0 => 0";

  private final ScriptedWorld world =
      new ScriptedWorld().answer(String.join("\n", MMAP, WRITE, READ, SNAPSHOT));

  private static Trace trace(String... lines) {
    return TraceReader.parse("t", "scenario s pages 8\n" + String.join("\n", lines) + "\nend\n");
  }

  private ReplayReport replay(Trace trace) {
    return new Replayer(world.factory()).replay(trace, ReplayProgress.NONE);
  }

  @Test
  void countsWhatMatches() {
    ReplayReport report = replay(trace(MMAP, WRITE, READ, SNAPSHOT));

    assertEquals(new ReplayReport("t", 1, 4, 4, 0, 0, List.of()), report);
    assertTrue(report.allMatched());
    assertEquals(1, world.ends);
  }

  @Test
  void stopsAtTheFirstDifference() {
    Trace trace = trace(MMAP, "cpu_write 1 2 10 => SIGSEGV@1", READ, SNAPSHOT);

    ReplayReport report = replay(trace);

    assertEquals(1, report.matched());
    assertEquals(1, report.differing());
    assertEquals(2, report.notRun());
    assertFalse(report.allMatched());
    assertEquals(List.of("mmap 0 8 rw anon-private", "cpu_write 1 2 10"), world.executed);
    assertEquals(1, world.ends);
  }

  @Test
  void stopsAtTheFirstUnsupportedOperation() {
    ReplayReport report = replay(trace(MMAP, FORK, WRITE, READ));

    assertEquals(new ReplayReport("t", 1, 4, 1, 3, 0, List.of()), report);
    assertFalse(report.allMatched());
    assertEquals(1, world.ends);
  }

  @Test
  void countsAScenarioOfAnUnsupportedModeAsUnsupported() {
    ReplayReport report =
        new Replayer(scenario -> Optional.empty()).replay(trace(MMAP, READ), ReplayProgress.NONE);

    assertEquals(new ReplayReport("t", 1, 2, 0, 2, 0, List.of()), report);
    assertFalse(report.allMatched());
  }

  @Test
  void goesOnWithTheNextScenario() {
    Trace trace =
        TraceReader.parse(
            "t",
            String.join(
                "\n",
                "scenario a pages 8",
                "cpu_write 1 2 10 => SIGSEGV@1",
                MMAP,
                "end",
                "",
                "scenario b pages 8",
                MMAP,
                WRITE,
                "end",
                "scenario c pages 8",
                FORK,
                "end"));
    List<Integer> progress = new ArrayList<>();

    ReplayReport report =
        new Replayer(world.factory()).replay(trace, (running, done) -> progress.add(done));

    assertEquals(3, report.scenarios());
    assertEquals(2, report.matched());
    assertEquals(1, report.differing());
    assertEquals(1, report.unsupported());
    assertEquals(1, report.notRun());
    assertEquals(List.of(1, 2, 3), progress);
  }

  @Test
  void drawsThePagesOfADifference() {
    world.page(0, "rw anon", "-", "-", "-", "-");
    world.page(1, "rw anon", "rw 0x10", "10", "rw 0x10", "-");
    world.page(2, "rw anon", "rw 0x11", "11", "rw 0x11", "-");
    world.page(3, "rw anon", "r zero", "0", "r 0x2", "-");
    Trace trace =
        trace(MMAP, WRITE, "dev_read 0 1 3 => 0 cpages 3 faults 1 values 10 77 0", SNAPSHOT);

    assertEquals(
        """
        t:4: s: dev_read 0 1 3
          Linux  0 cpages 3 faults 1 values 10 77 0
          model  0 cpages 3 faults 1 values 10 11 0
             page  vma      cpu      value  device 0  device 1
                0  rw anon  -        -      -         -
                1  rw anon  rw 0x10  10     rw 0x10   -
          >     2  rw anon  rw 0x11  11     rw 0x11   -
                3  rw anon  r zero   0      r 0x2     -
                4  -        -        -      -         -
                5  -        -        -      -         -
        """,
        replay(trace).differences().get(0).toString());
  }

  @Test
  void foldsALongPicture() {
    for (int i = 0; i < 60; i++) {
      String frame = "rw 0x" + Integer.toHexString(14 + i);
      world.page(i, "rw", frame, i < 10 ? "" + 100 * i : "7", frame, "-");
    }
    world.page(5, "r", "r zero", "0", "-", "-");
    for (int i = 60; i < 80; i++) {
      world.page(i, "rw", "-", i < 70 ? "-" : "" + i, "-", "-");
    }
    world.answer("snapshot 0 0 90 => 0 cpages 90 perms 02*89 01");
    Trace trace =
        TraceReader.parse(
            "t",
            """
            scenario s pages 100
            snapshot 0 0 90 => 0 cpages 90 perms 02*20 01*2 02*67 01
            end
            """);

    assertEquals(
        """
             page  vma  cpu            value   device 0       device 1
                0  rw   rw 0xe         0       rw 0xe         -
                1  rw   rw 0xf         100     rw 0xf         -
                2  rw   rw 0x10        200     rw 0x10        -
                3  rw   rw 0x11        300     rw 0x11        -
                4  rw   rw 0x12        400     rw 0x12        -
                5  r    r zero         0       -              -
                6  rw   rw 0x14        600     rw 0x14        -
                7  rw   rw 0x15        700     rw 0x15        -
                8  rw   rw 0x16        800     rw 0x16        -
                9  rw   rw 0x17        900     rw 0x17        -
           10..19  rw   rw 0x18..0x21  7       rw 0x18..0x21  -
        >  20..21  rw   rw 0x22..0x23  7       rw 0x22..0x23  -
           22..59  rw   rw 0x24..0x49  7       rw 0x24..0x49  -
           60..69  rw   -              -       -              -
           70..79  rw   -              70..79  -              -
           80..91  -    -              -       -              -
        """,
        String.join("\n", replay(trace).differences().get(0).picture()) + "\n");
  }

  @Test
  void reportsAnException() {
    world.fail("munmap 0 1", new IllegalStateException("broken"));

    Difference difference = replay(trace(MMAP, "munmap 0 1 => 0")).differences().get(0);

    assertEquals("threw java.lang.IllegalStateException: broken", difference.actual());
    assertTrue(
        difference.notes().get(0).startsWith("at org.hmm4j.testkit.oracle.ReplayerTest."),
        difference.notes().toString());
    assertEquals(1, world.ends);
  }

  @Test
  void reportsAWarning() {
    world.warn("cpu_write 1 2 10", "WARNING: x (task t)");

    ReplayReport report = replay(trace(MMAP, WRITE, READ));

    assertEquals(1, report.matched());
    assertEquals(1, report.notRun());
    assertEquals(List.of("WARNING: x (task t)"), report.differences().get(0).notes());
  }

  @Test
  void reportsWhatIsLeftAtTheEnd() {
    world.leave("frame 0x10 in use", "mm_users 1");

    ReplayReport report = replay(trace(MMAP, WRITE));

    assertEquals(2, report.matched());
    assertFalse(report.allMatched());
    assertEquals(
        """
        t:4: s: end
          Linux  nothing is left
          model  frame 0x10 in use
                 mm_users 1
        """,
        report.differences().get(0).toString());
  }

  @Test
  void doesNotReportALeakAfterADifference() {
    world.leave("frame 0x10 in use");

    ReplayReport report = replay(trace("cpu_write 1 2 10 => SIGSEGV@1"));

    assertEquals(1, report.differing());
    assertEquals("cpu_write 1 2 10", report.differences().get(0).operation());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FakeReplayWorldTest {

  private static ReplayReport replay(DriverKind driver, Trace trace) {
    return new Replayer(FakeReplayWorld.factory(driver)).replay(trace, ReplayProgress.NONE);
  }

  private static Trace recorded(String name) {
    return Corpus.linux61().trace(name).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "INTERVAL, basic, 3936",
    "INTERVAL, files, 3912",
    "INTERVAL, rfault, 4012",
    "INTERVAL, migrate, 4173",
    "INTERVAL, fork, 3694",
    "INTERVAL, exclusive, 3926",
    "INTERVAL, wide, 1089",
    "INTERVAL, coherent, 3022",
    "MIRROR, basic, 3936",
    "MIRROR, files, 3912",
    "MIRROR, rfault, 4012",
    "MIRROR, migrate, 4173",
    "MIRROR, fork, 3694",
    "MIRROR, exclusive, 3926",
    "MIRROR, wide, 1089",
    "MIRROR, coherent, 3022",
    "INTERVAL, huge, 1890",
    "MIRROR, huge, 1890",
  })
  void R160_answersAsLinux(DriverKind driver, String name, long operations) {
    ReplayReport report = replay(driver, recorded(name));

    assertEquals(List.of(), report.differences());
    assertEquals(operations, report.matched());
    assertTrue(report.allMatched());
  }

  @ParameterizedTest
  @EnumSource
  void handlesValuesThatWrap(DriverKind driver) {
    Trace trace =
        TraceReader.parse(
            "t",
            """
            scenario s pages 4
            mmap 0 4 rw anon-private => 0
            cpu_write 0 3 4294967294 => ok
            cpu_read 0 3 => ok values 4294967294 4294967295 0
            dev_write 1 0 3 4294967295 => 0 cpages 3 faults 1
            dev_read 0 0 3 => 0 cpages 3 faults 1 values 4294967295 0 1
            end
            """);

    assertEquals(List.of(), replay(driver, trace).differences());
  }

  @Test
  void drawsThePageTablesOfADifference() {
    Trace trace =
        TraceReader.parse(
            "t",
            """
            scenario s pages 8
            mmap 0 2 r file-shared => 0
            mmap 2 2 rw anon-private => 0
            mmap 4 1 rw anon-shared => 0
            mmap 5 1 none anon-private => 0
            cpu_write 2 1 7 => ok
            dev_read 0 1 4 => 0 cpages 4 faults 1 values 900001 7 0*2
            dev_write 1 2 1 8 => 0 cpages 1 faults 1
            cpu_read 0 4 => ok values 900000 900001 9 0
            end
            """);

    assertEquals(
        """
        t:9: s: cpu_read 0 4
          Linux  ok values 900000 900001 9 0
          model  ok values 900000 900001 8 0
             page  vma                     cpu          value   device 0     device 1
                0  0..1 r file-shared      r 0x101      900000  -            -
                1  0..1 r file-shared      r 0x102      900001  r 0x102      -
          >     2  2..3 rw anon-private    rw 0x141     8       rw 0x141     rw 0x141
                3  2..3 rw anon-private    r zero page  0       r zero page  -
                4  4..4 rw anon-shared     rw 0x142     0       rw 0x142     -
                5  5..5 none anon-private  -            -       -            -
        """,
        replay(DriverKind.INTERVAL, trace).differences().get(0).toString());
  }

  @ParameterizedTest
  @EnumSource
  void R160_mmapAnswersItsOwnResultWhateverBecomesOfTheAdvice(DriverKind driver) {
    Trace trace =
        TraceReader.parse(
            "t",
            """
            scenario s pages 1024 thp
            mmap 0 1 rw hugetlb-private => 0
            cpu_write 511 1 7 => ok
            cpu_read 510 2 => ok values 0 7
            end
            """);

    assertEquals(List.of(), replay(driver, trace).differences());
  }

  @Test
  void drawsHugetlbMappingsByTheirName() {
    Trace trace =
        TraceReader.parse(
            "t",
            """
            scenario s pages 1024
            mmap 0 1 rw hugetlb-private => 0
            cpu_write 511 1 7 => ok
            mmap 512 512 r anon-private => 0
            cpu_read 511 1 => ok values 8
            end
            """);

    assertEquals(
        """
        t:5: s: cpu_read 511 1
          Linux  ok values 8
          model  ok values 7
             page  vma                        cpu       value  device 0  device 1
              509  0..511 rw hugetlb-private  rw 0x3fd  0      -         -
              510  0..511 rw hugetlb-private  rw 0x3fe  0      -         -
          >   511  0..511 rw hugetlb-private  rw 0x3ff  7      -         -
              512  512..1023 r anon-private   -         -      -         -
              513  512..1023 r anon-private   -         -      -         -
        """,
        replay(DriverKind.INTERVAL, trace).differences().get(0).toString());
  }

  @ParameterizedTest
  @EnumSource
  void leavesNothingBehind(DriverKind driver) {
    assertEquals(List.of(), FakeProcess.start(driver, Scenario.Mode.PLAIN).exit());
  }

  @Test
  void findsWhatIsLeftBehind() {
    FakeProcess process = FakeProcess.start(DriverKind.INTERVAL, Scenario.Mode.PLAIN);
    process.memory().allocate();
    process.mm().mm().mmgrab();

    List<String> left = process.exit();

    assertEquals("mm_users 0, mm_count 1", left.get(0));
    assertEquals("page frames in use: 1", left.get(1));
    assertTrue(left.get(2).startsWith("not freed: "), left.toString());
    assertTrue(left.get(2).contains("mm_struct"), left.toString());
  }

  @Test
  void handsOutEachWarningOnce() {
    FakeProcess process = FakeProcess.start(DriverKind.INTERVAL, Scenario.Mode.PLAIN);
    FakeReplayWorld world = new FakeReplayWorld(process);
    process.kernel().warn("one");

    assertEquals(1, world.warnings().size());
    process.kernel().warn("two");
    assertTrue(world.warnings().get(0).startsWith("WARNING: two"));
    assertEquals(List.of(), world.warnings());
  }
}

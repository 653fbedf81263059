// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.selftest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.driver.DmirrorProt;
import org.hmm4j.testkit.driver.IntervalDmirror;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PinnedPages;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Others have the memory too: a child, or who has pinned it. */
@ParameterizedClass
@EnumSource(MemoryType.class)
final class ProcessSelfTest extends SelfTest {

  private static final int PAGES = 4;

  ProcessSelfTest(MemoryType type) {
    super(type, 1);
  }

  /** A child looks, opens the device for itself, writes with it, looks again, and exits. */
  private void childWrites(FakeMm child, int pages, int[] before) {
    inTask(
        "child",
        () -> {
          assertArrayEquals(before, load(child, 0, pages));
          Dmirror own = IntervalDmirror.open(child.mm(), hardware.get(0));
          assertDone(own.write(at(0), others(pages)), pages, 1);
          assertArrayEquals(others(pages), load(child, 0, pages));
          child.exit();
          own.close();
        });
  }

  @Card("anon_write_child")
  void aDeviceOfTheChildWritesToCopies() {
    for (boolean migrate : new boolean[] {false, true}) {
      for (boolean huge : new boolean[] {false, true}) {
        mapHuge(Prot.READ_WRITE);
        if (!huge) {
          assertEquals(Errno.OK, mm.madviseNohugepage(at(0), size(HUGE)));
        }
        fill(mm, 0, HUGE);
        if (migrate) {
          assertMoves(device(), 0, filled(0, HUGE));
        }
        childWrites(fork(), HUGE, filled(0, HUGE));
        assertCpuSees(0, filled(0, HUGE));
        unmap(0, HUGE);
      }
    }
  }

  @Card("anon_write_child_shared")
  void aDeviceOfTheChildWritesToSharedMemory() {
    map(BUFFER, Prot.READ_WRITE, Mapping.anonShared());
    fill(mm, 0, BUFFER);

    childWrites(fork(), BUFFER, filled(0, BUFFER));
    assertCpuSees(0, others(BUFFER));
  }

  @Card("exclusive_cow")
  void exclusivePagesAreCopiedAfterAFork() {
    mapFilled(BUFFER);
    assertDone(device().exclusive(at(0), new int[BUFFER]), BUFFER, 0);
    FakeMm child = fork();

    inTask("child", () -> increment(child));
    increment(mm);
    inTask("child", child::exit);
  }

  private static void increment(FakeMm mm) {
    assertArrayEquals(filled(0, BUFFER), load(mm, 0, BUFFER));
    store(mm, 0, filled(1, BUFFER));
    assertArrayEquals(filled(1, BUFFER), load(mm, 0, BUFFER));
  }

  /** The first two pages for a short time, the others for a long one. */
  @Card("hmm_gup_test")
  void pagesThatArePinnedComeBack() {
    mapFilled(PAGES);
    assertMoves(device(), 0, filled(0, PAGES));
    for (int page = 0; page < PAGES; page++) {
      boolean longterm = page >= 2;
      ErrPtr<PinnedPages> pinned =
          longterm
              ? PinnedPages.pinLongterm(mm, at(page), 1)
              : PinnedPages.pinForWriting(mm, at(page), 1);
      assertFalse(pinned.isErr());
      pinned.value().unpin();
    }

    int stays = DmirrorProt.WRITE | (isCoherent() ? DmirrorProt.DEV_COHERENT_LOCAL : 0);
    assertSnapshot(stays, stays, DmirrorProt.WRITE, DmirrorProt.WRITE);
    assertCpuSees(0, filled(0, PAGES));
  }

  @Card("hmm_cow_in_device")
  void copiesOfPagesOnTheDeviceAreInMainMemory() {
    mapFilled(PAGES);
    assertMoves(device(), 0, filled(0, PAGES));
    FakeMm child = fork();

    store(mm, 0, others(PAGES));
    assertArrayEquals(filled(0, PAGES), load(child, 0, PAGES));
    inTask("child", child::exit);
    int write = DmirrorProt.WRITE;
    assertSnapshot(write, write, write, write);
    assertCpuSees(0, others(PAGES));
  }
}

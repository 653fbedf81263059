// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifiers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OomReaperTest {

  private final Process process = new Process();
  private final FakeFile file = FakeFile.create(process.memory, 8);

  @AfterEach
  void nothingIsLeft() {
    file.close();
    process.exit();
    assertEquals(0, process.memory.swap().slotsInUse());
  }

  private void maps() {
    process.mmap(0, 2);
    process.mmap(4, 1, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    process.mmap(8, 1, Prot.READ_WRITE, Mapping.filePrivate(file, 1));
    for (long page : new long[] {0, 1, 4, 8}) {
      process.store(page, 7);
    }
    process.mm.reclaim(at(1));
    process.takeCalls();
  }

  @Test
  void M029_takesPrivateMemoryVmaByVma() {
    maps();
    assertTrue(process.mm.oomReap());
    assertEquals(
        List.of("start UNMAP 0-2", "end UNMAP 0-2", "start UNMAP 8-9", "end UNMAP 8-9"),
        process.takeCalls());
    assertEquals(Pte.NONE, process.pte(0));
    assertEquals(Pte.NONE, process.pte(1));
    assertEquals(Pte.NONE, process.pte(8));
    assertTrue(Pte.isPresent(process.pte(4)));
    assertEquals(0, process.memory.swap().slotsInUse());
    assertFalse(process.mm.mm().mmapLock().isHeld());
  }

  @Test
  void M030_whatIsMissingAfterwardsIsABusError() {
    maps();
    process.mm.oomReap();
    assertEquals(Signal.SIGBUS, process.store(0, 1));
    assertEquals(Signal.SIGBUS, process.mm.load(at(0)).signal());
    assertEquals(Signal.SIGBUS, process.store(8, 1));
    assertEquals(0, process.load(8), "what the page cache has is mapped without asking");
    assertEquals(7, process.load(4));
    assertEquals(2, process.memory.framesInUse());
  }

  @Test
  void M029_refusedVmaKeepsItsPages() {
    maps();
    boolean[] refuse = {true};
    MmuIntervalNotifier interval =
        MmuNotifiers.of(process.kernel)
            .intervalNotifier(
                (subscription, range, seq) -> {
                  if (!range.blockable() && refuse[0]) {
                    return false;
                  }
                  subscription.setSeq(seq);
                  return true;
                });
    assertEquals(Errno.OK, interval.insert(process.mm.mm(), at(0), 4096));
    assertFalse(process.mm.oomReap());
    assertEquals(7, process.load(0));
    assertEquals(Pte.NONE, process.pte(8));
    assertEquals(List.of("start UNMAP 8-9", "end UNMAP 8-9"), process.takeCalls());
    refuse[0] = false;
    assertTrue(process.mm.oomReap());
    assertEquals(Pte.NONE, process.pte(0));
    interval.remove();
  }

  @Test
  void givesUpWithoutTheMmapLock() {
    maps();
    process.mm.mm().mmapLock().writeLock();
    assertFalse(process.mm.oomReap());
    process.mm.mm().mmapLock().writeUnlock();
    assertEquals(List.of(), process.takeCalls());
    assertEquals(7, process.load(0));
  }

  @Test
  void rawDeviceMemoryStays() {
    DeviceMemory device = DeviceMemory.create(process.memory, 1);
    process.mmap(0, 1, Prot.READ_WRITE, Mapping.io(device, 0));
    assertTrue(process.mm.oomReap());
    assertEquals(List.of(), process.takeCalls());
    assertTrue(Pte.isPresent(process.pte(0)));
  }
}

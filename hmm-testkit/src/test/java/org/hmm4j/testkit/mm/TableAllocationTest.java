// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.mm.FaultFlags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Page tables are memory: making one may reclaim, and lockdep knows it. */
final class TableAllocationTest {

  private static final int PAGES_PER_TABLE = 512;

  private final Process process = new Process();

  /** Lockdep learns that reclaim takes the lock of the reverse map. */
  @BeforeEach
  void reclaimOnce() {
    process.mmap(0, 1);
    process.store(0, 7);
    assertTrue(process.mm.reclaim(at(0)));
  }

  @AfterEach
  void exit() {
    process.exit();
  }

  @Test
  void K064_aMoveOfEntriesMakesItsTablesBeforeItKeepsReclaimOut() {
    process.store(0, 7);
    assertEquals(Errno.OK, process.mremap(0, 1, 3 * PAGES_PER_TABLE + 5));
    assertEquals(7, process.load(3 * PAGES_PER_TABLE + 5));
  }

  @Test
  void K064_aMoveOfAWholeTableMakesThoseAboveBeforeItKeepsReclaimOut() {
    int far = PAGES_PER_TABLE * PAGES_PER_TABLE;
    process.mmap(0, PAGES_PER_TABLE);
    process.store(0, 8);
    assertEquals(Errno.OK, process.mremap(0, PAGES_PER_TABLE, far));
    assertEquals(8, process.load(far));
    process.mmap(0, PAGES_PER_TABLE);
    process.store(0, 9);
    assertEquals(Errno.OK, process.mremap(0, PAGES_PER_TABLE, far), "its table is still there");
    assertEquals(9, process.load(far));
  }

  @Test
  void K064_aFaultThatNeedsATableMayReclaim() {
    Mutex driver = process.kernel.mutex("driver");
    process.kernel.lockdep().primeReclaim(driver);
    int other = 2 * PAGES_PER_TABLE;
    process.mmap(other, 2);
    // The zero page needs no memory, so the tables are all that is made.
    assertEquals(Rule.LOCK_ORDER, assertThrows(KernelBug.class, () -> read(other, driver)).rule());
    assertEquals(0, process.load(other));
    assertEquals(0, read(other + 1, driver), "the tables are there");
  }

  private int read(int page, Mutex driver) {
    RwSemaphore mmapLock = process.mm.mm().mmapLock();
    mmapLock.readLock();
    driver.lock();
    try {
      return process.mm.handleMmFault(process.mm.findVma(at(page)), at(page), FaultFlags.REMOTE);
    } finally {
      driver.unlock();
      mmapLock.readUnlock();
    }
  }
}

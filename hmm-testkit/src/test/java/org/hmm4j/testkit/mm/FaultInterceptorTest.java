// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultInterceptorTest {

  private final Process process = new Process();

  @BeforeEach
  void map() {
    process.mmap(0, 2);
  }

  @AfterEach
  void nothingIsLeft() {
    process.exit();
  }

  /** Faults once and returns the answer; the lock is free afterwards. */
  private int fault(long page, int flags) {
    process.mm.mm().mmapLock().readLock();
    int answer = process.mm.handleMmFault(process.mm.findVma(at(page)), at(page), flags);
    assertEquals((answer & VmFault.RETRY) == 0, process.mm.mm().mmapLock().isHeld());
    if ((answer & VmFault.RETRY) == 0) {
      process.mm.mm().mmapLock().readUnlock();
    }
    return answer;
  }

  @Test
  void roundsAreCountedForEachPage() {
    process.mm.intercept(FaultInterceptor.rounds(3));
    assertEquals(0, fault(0, 0));
    assertEquals(0, fault(0, 0));
    assertEquals(0, fault(1, 0));
    assertEquals(Pte.NONE, process.pte(0));
    assertEquals(0, fault(0, 0));
    assertTrue(Pte.isPresent(process.pte(0)));
    assertEquals(Pte.NONE, process.pte(1));
    process.dontneed(0, 1);
    fault(0, 0);
    assertEquals(Pte.NONE, process.pte(0));
    assertEquals(Signal.NONE, process.store(0, 5));
    assertEquals(5, process.load(0));
    assertThrows(IllegalArgumentException.class, () -> FaultInterceptor.rounds(0));
  }

  @Test
  void oneRoundServesTheFirst() {
    process.mm.intercept(FaultInterceptor.rounds(1));
    fault(0, 0);
    assertTrue(Pte.isPresent(process.pte(0)));
  }

  @Test
  void M015_lockIsDroppedOncePerPageWhereAllowed() {
    process.mm.intercept(FaultInterceptor.dropLock());
    assertEquals(0, fault(0, FaultFlags.REMOTE));
    process.dontneed(0, 1);
    assertEquals(VmFault.RETRY, fault(0, FaultFlags.ALLOW_RETRY));
    assertEquals(Pte.NONE, process.pte(0));
    assertEquals(0, fault(0, FaultFlags.ALLOW_RETRY));
    assertTrue(Pte.isPresent(process.pte(0)));
    assertEquals(Signal.NONE, process.store(1, 5));
    assertFalse(process.mm.mm().mmapLock().isHeld());
  }

  @Test
  void failingAnswersTheError() {
    process.mm.intercept(FaultInterceptor.failing(VmFault.OOM));
    assertEquals(VmFault.OOM, fault(0, 0));
    assertEquals(Signal.SIGKILL, process.store(0, 1));
    assertThrows(IllegalArgumentException.class, () -> FaultInterceptor.failing(0));
    assertThrows(IllegalArgumentException.class, () -> FaultInterceptor.failing(VmFault.RETRY));
  }
}

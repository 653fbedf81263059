// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.api.Test;

/** Reclaim calls the driver: what the callback locks must not be held by who may enter reclaim. */
final class ReclaimOrderTest {

  private static final long BASE = 0x4000_0000L;

  private final Kernel kernel = Kernel.boot();
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);
  private final FakeMm process = FakeMm.create(kernel, memory);

  @Test
  void anAllocationUnderTheLockOfTheCallbackIsReportedOnceReclaimHasTakenIt() {
    process.mmap(BASE, 4096, Prot.READ_WRITE, Mapping.anonPrivate());
    process.store(BASE, 7);
    Dmirror device = IntervalDmirror.open(process.mm(), memory);
    int[] word = new int[1];
    device.read(BASE, word);
    assertTrue(process.reclaim(BASE), "the page was swapped out, and the device told");
    Mutex lock = device.pageTable().lock();
    lock.lock();
    KernelBug bug = assertThrows(KernelBug.class, () -> kernel.allocations().allocate("object"));
    lock.unlock();
    assertEquals(KernelBug.Rule.LOCK_ORDER, bug.rule());
    assertTrue(bug.getMessage().contains("fs_reclaim"), bug.getMessage());
    assertTrue(bug.getMessage().contains("dmirror->mutex"), bug.getMessage());
    device.read(BASE, word);
    assertEquals(7, word[0], "swapped in again");
    device.close();
    process.exit();
    kernel.shutdown();
  }
}

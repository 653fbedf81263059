// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FifoRwSemaphoreTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final RwSemaphore lock = kernel.rwSemaphore("mm->mmap_lock");
  private final Crew crew = new Crew(kernel);
  private final List<String> order = new CopyOnWriteArrayList<>();
  private int written;

  @Test
  void K022_modesAreTold() {
    lock.readLock();
    assertTrue(lock.isHeld());
    assertFalse(lock.isHeldWrite());
    lock.assertHeld();
    assertMentions(
        bug(Rule.LOCK_NOT_HELD, lock::assertHeldWrite), "'mm->mmap_lock'", "held for read by 1");
    lock.readUnlock();
    lock.writeLock();
    assertTrue(lock.isHeldWrite());
    lock.assertHeld();
    lock.assertHeldWrite();
    lock.writeUnlock();
    assertFalse(lock.isHeld());
    assertMentions(bug(Rule.LOCK_NOT_HELD, lock::assertHeld), "free");
    assertEquals("mm->mmap_lock", lock.name());
  }

  @Test
  void K024_isNotRecursiveInAnyMode() {
    lock.readLock();
    assertMentions(bug(Rule.RECURSIVE_LOCK, lock::readLock), "for read", "'mm->mmap_lock'");
    assertMentions(bug(Rule.RECURSIVE_LOCK, lock::writeLock), "takes it for write");
    assertFalse(lock.writeTryLock());
    lock.readUnlock();
    lock.writeLock();
    assertMentions(bug(Rule.RECURSIVE_LOCK, lock::readLock), "taken for write");
    bug(Rule.RECURSIVE_LOCK, lock::writeLock);
    assertFalse(lock.readTryLock());
    assertFalse(lock.writeTryLock());
    lock.writeUnlock();
    assertTrue(lock.writeTryLock());
    lock.writeUnlock();
  }

  @Test
  void K024_readTryLockByAReaderSucceedsLikeInTheKernel() {
    lock.readLock();
    assertTrue(lock.readTryLock());
    lock.readUnlock();
    assertTrue(lock.isHeld());
    lock.readUnlock();
    assertFalse(lock.isHeld());
  }

  @Test
  void K027_sleepingFormsAreBugsInAtomicContextEvenWhenFree() {
    SpinLock spin = kernel.spinLock("outer");
    spin.lock();
    bug(Rule.SLEEP_IN_ATOMIC, lock::readLock);
    assertMentions(bug(Rule.SLEEP_IN_ATOMIC, lock::writeLock), "'mm->mmap_lock'", "'outer'");
    assertTrue(lock.readTryLock());
    lock.readUnlock();
    spin.unlock();
    assertFalse(lock.isHeld());
  }

  @Test
  void K025_releasesInTheWrongModeOrByOthersAreBugs() {
    bug(Rule.BAD_UNLOCK, lock::readUnlock);
    bug(Rule.BAD_UNLOCK, lock::writeUnlock);
    bug(Rule.BAD_UNLOCK, lock::downgradeWrite);
    lock.readLock();
    assertMentions(bug(Rule.BAD_UNLOCK, lock::writeUnlock), "taken for write", "taken for read");
    bug(Rule.BAD_UNLOCK, lock::downgradeWrite);
    crew.go(
            "thief",
            () -> {
              KernelBug bug = bug(Rule.BAD_UNLOCK, lock::readUnlock);
              assertMentions(bug, "thief", "held for read by 1");
            })
        .join();
    lock.readUnlock();
    lock.writeLock();
    bug(Rule.BAD_UNLOCK, lock::readUnlock);
    crew.go(
            "thief",
            () -> assertMentions(bug(Rule.BAD_UNLOCK, lock::writeUnlock), "held for write by "))
        .join();
    assertTrue(lock.isHeldWrite());
    lock.writeUnlock();
  }

  @Test
  void K022_readersShare() {
    CountDownLatch both = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      crew.go(
          "reader " + i,
          () -> {
            lock.readLock();
            both.countDown();
            both.await();
            lock.readUnlock();
          });
    }
    crew.join();
  }

  @Test
  void K023_waitingWriterStopsNewReaders() {
    lock.readLock();
    crew.goAndPark("writer", () -> write("w"));
    crew.go("trier", () -> assertFalse(lock.readTryLock())).join();
    crew.goAndPark("reader", () -> read("r", new CountDownLatch(0)));
    assertFalse(lock.readTryLock());
    assertEquals(List.of(), order);
    lock.readUnlock();
    crew.join();
    assertEquals(List.of("w", "r"), order);
  }

  @Test
  void K023_servesInOrderOfArrivalAndWakesTheReadersInFrontOfTheNextWriterTogether() {
    CountDownLatch both = new CountDownLatch(2);
    lock.writeLock();
    crew.goAndPark("w1", () -> write("w1"));
    crew.goAndPark("r1", () -> read("r", both));
    crew.goAndPark("r2", () -> read("r", both));
    crew.goAndPark("w2", () -> write("w2"));
    crew.goAndPark("r3", () -> read("r3", new CountDownLatch(0)));
    lock.writeUnlock();
    crew.join();
    assertEquals(List.of("w1", "r", "r", "w2", "r3"), order);
    lock.writeLock();
    lock.writeUnlock();
  }

  @Test
  void K026_downgradeWakesTheReadersInFront() {
    CountDownLatch reading = new CountDownLatch(2);
    lock.writeLock();
    crew.goAndPark("r1", () -> read("r", reading));
    crew.goAndPark("r2", () -> read("r", reading));
    crew.goAndPark("w", () -> write("w"));
    Crew.Member late = crew.goAndPark("r3", () -> read("late", new CountDownLatch(0)));
    lock.downgradeWrite();
    assertFalse(lock.isHeldWrite());
    assertTrue(lock.isHeld());
    Crew.await(reading);
    // The writer and the reader behind it wait for this task, which still reads.
    late.awaitParked();
    assertEquals(List.of("r", "r"), order);
    lock.readUnlock();
    crew.join();
    assertEquals(List.of("r", "r", "w", "late"), order);
  }

  @Test
  void K026_downgradeLetsNoWriterIn() {
    lock.writeLock();
    crew.goAndPark("w", () -> write("w"));
    crew.goAndPark("r", () -> read("r", new CountDownLatch(0)));
    lock.downgradeWrite();
    assertMentions(bug(Rule.BAD_UNLOCK, lock::writeUnlock), "taken for read");
    crew.go(
            "onlooker",
            () -> assertMentions(bug(Rule.LOCK_NOT_HELD, lock::assertHeld), "held for read by 1"))
        .join();
    assertEquals(List.of(), order);
    lock.readUnlock();
    crew.join();
    assertEquals(List.of("w", "r"), order);
  }

  @Test
  void K026_downgradeOfAnUncontendedLockLetsReadersIn() {
    lock.writeLock();
    lock.downgradeWrite();
    crew.go(
            "reader",
            () -> {
              assertTrue(lock.readTryLock());
              lock.readUnlock();
              assertFalse(lock.writeTryLock());
            })
        .join();
    bug(Rule.BAD_UNLOCK, lock::writeUnlock);
    lock.readUnlock();
  }

  @Test
  void K022_excludesAndLosesNoWakeUp() {
    AtomicInteger readers = new AtomicInteger();
    AtomicInteger writers = new AtomicInteger();
    int tasks = 4;
    AtomicInteger writes = new AtomicInteger();
    for (int i = 0; i < tasks; i++) {
      Random random = new Random(i);
      crew.go(
          "task " + i,
          () -> {
            for (int turn = 0; turn < 5_000; turn++) {
              if (random.nextInt(4) == 0) {
                writeOnce(random, readers, writers);
                writes.incrementAndGet();
              } else if (random.nextInt(4) > 0 || !lock.readTryLock()) {
                lock.readLock();
                readOnce(readers, writers);
              } else {
                readOnce(readers, writers);
              }
            }
          });
    }
    crew.join();
    assertEquals(writes.get(), written);
  }

  @Test
  void K002_interruptedTaskStillGetsTheLock() {
    lock.writeLock();
    Crew.Member waiter =
        crew.goAndPark(
            "interrupted",
            () -> {
              Thread.currentThread().interrupt();
              lock.readLock();
              assertTrue(Thread.currentThread().isInterrupted());
              lock.readUnlock();
            });
    waiter.thread().interrupt();
    waiter.awaitParked();
    lock.writeUnlock();
    crew.join();
  }

  private void writeOnce(Random random, AtomicInteger readers, AtomicInteger writers) {
    lock.writeLock();
    assertEquals(1, writers.incrementAndGet());
    assertEquals(0, readers.get());
    written++;
    writers.decrementAndGet();
    if (random.nextBoolean()) {
      readers.incrementAndGet();
      lock.downgradeWrite();
      assertEquals(0, writers.get());
      readers.decrementAndGet();
      lock.readUnlock();
    } else {
      lock.writeUnlock();
    }
  }

  private void readOnce(AtomicInteger readers, AtomicInteger writers) {
    readers.incrementAndGet();
    assertEquals(0, writers.get());
    readers.decrementAndGet();
    lock.readUnlock();
  }

  private void write(String name) {
    lock.writeLock();
    order.add(name);
    lock.writeUnlock();
  }

  /** Reads until all who use the latch do so. */
  private void read(String name, CountDownLatch together) {
    lock.readLock();
    order.add(name);
    together.countDown();
    Crew.await(together);
    lock.readUnlock();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.stream.Collectors;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.junit.jupiter.api.Test;

/** The text of a report, whole. */
final class LockReportTest {

  private static final String ABBA =
      """
      LOCK_ORDER: possible circular locking dependency detected
      ------------------------------------------------------
      TASK is trying to acquire lock:
       (mm->mmap_lock){..+.}-{3:3}, rw semaphore 'mm->mmap_lock' for read, at: HERE.invert(LINE)
      but it holds, at the other end of the order known so far:
       (driver){+...}-{3:3}, mutex 'driver' taken with lock, at: HERE.invert(LINE)

      the existing dependency chain (in reverse order) is:

      -> #1 (driver){+...}-{3:3}:
             at HERE.establish(LINE)
             at HERE.K069_textOfAnInversion(LINE)
           under (mm->mmap_lock), at: HERE.establish(LINE)

      -> #0 (mm->mmap_lock){..+.}-{3:3}:
             at HERE.invert(LINE)
             at HERE.K069_textOfAnInversion(LINE)

       Possible unsafe locking scenario:

             task 0                     task 1
             ----                       ----
        lock(driver);
                                        lock(mm->mmap_lock);
                                        lock(driver);
        lock(mm->mmap_lock);

      1 lock held by TASK:
       #0: (driver){+...}-{3:3}, mutex 'driver' taken with lock, at: HERE.invert(LINE)""";

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final RwSemaphore mmapLock = kernel.rwSemaphore("mm->mmap_lock");
  private final Mutex driver = kernel.mutex("driver");

  @Test
  void K069_textOfAnInversion() {
    establish();
    KernelBug bug = invert();
    assertEquals(Rule.LOCK_ORDER, bug.rule());
    assertEquals(ABBA, normalized(bug));
  }

  private void establish() {
    mmapLock.readLock();
    driver.lock();
    driver.unlock();
    mmapLock.readUnlock();
  }

  private KernelBug invert() {
    driver.lock();
    try {
      mmapLock.readLock();
    } catch (KernelBug bug) {
      return bug;
    } finally {
      driver.unlock();
    }
    return fail("taken against the order");
  }

  /** Without numbers, and without the frames of the test framework. */
  private String normalized(KernelBug bug) {
    return bug.getMessage()
        .lines()
        .map(line -> line.replaceAll("\\((\\w+\\.java):\\d+\\)", "(LINE)"))
        .map(line -> line.replace(LockReportTest.class.getName(), "HERE"))
        .map(line -> line.replace(kernel.machine().current().toString(), "TASK"))
        .filter(line -> !line.startsWith("       at ") || line.contains("HERE"))
        .collect(Collectors.joining("\n"));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.SpinLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real threads that make rules at the same time. */
@Timeout(60)
final class LockdepThreadsTest {

  private static final int TASKS = 4;
  private static final int ROUNDS = 300;

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final Crew crew = new Crew(kernel);

  @Test
  void K068_rightOrdersStaySilent() {
    for (int task = 0; task < TASKS; task++) {
      int first = task;
      crew.go("worker " + task, () -> work(first));
    }
    crew.join();
  }

  /** Takes locks of many classes by ascending number. */
  private void work(int first) {
    for (int round = 0; round < ROUNDS; round++) {
      Mutex outer = kernel.mutex("m" + (first + round) % 30);
      SpinLock inner = kernel.spinLock("s" + (first * 7 + round) % 30);
      SpinLock last = kernel.spinLock("t" + round % 30);
      outer.lock();
      inner.lock();
      long flags = last.lockIrqsave();
      last.unlockIrqrestore(flags);
      inner.unlock();
      outer.unlock();
    }
  }

  @Test
  void K055_ofTwoOrdersAtMostOneBecomesTheRule() {
    for (int round = 0; round < ROUNDS; round++) {
      String a = "a" + round;
      String b = "b" + round;
      AtomicInteger refused = new AtomicInteger();
      Crew pair = new Crew(kernel);
      pair.go("ab", () -> inOrder(kernel.mutex(a), kernel.mutex(b), refused));
      pair.go("ba", () -> inOrder(kernel.mutex(b), kernel.mutex(a), refused));
      pair.join();
      assertEquals(1, refused.get(), "round " + round);
      // The next round has other names, so that nothing is decided there yet.
    }
    Mutex held = kernel.mutex("a0");
    held.lock();
    bug(Rule.RECURSIVE_LOCK, () -> kernel.mutex("a0").lock());
    held.unlock();
  }

  private static void inOrder(Mutex first, Mutex second, AtomicInteger refused) {
    first.lock();
    try {
      second.lock();
      second.unlock();
    } catch (KernelBug bug) {
      assertEquals(Rule.LOCK_ORDER, bug.rule());
      refused.incrementAndGet();
    } finally {
      first.unlock();
    }
  }
}

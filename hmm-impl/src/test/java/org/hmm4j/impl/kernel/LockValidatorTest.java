// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.impl.machine.JdkMachine;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.SpinLock;
import org.junit.jupiter.api.Test;

/** What lockdep remembers, how much, and for whom. */
final class LockValidatorTest {

  private final Tasks tasks = new Tasks(new JdkMachine(), KernelOptions.defaults());
  private final LockValidator validator = tasks.validator();

  private Mutex mutex(String name) {
    return new OwnedMutex(tasks, name);
  }

  private static void inOrder(Mutex first, Mutex second) {
    first.lock();
    try {
      second.lock();
      second.unlock();
    } finally {
      first.unlock();
    }
  }

  @Test
  void K070_eachChainIsValidatedOnce() {
    Mutex a = mutex("A");
    Mutex b = mutex("B");
    for (int i = 0; i < 100; i++) {
      inOrder(a, b);
      inOrder(mutex("A"), mutex("B"));
    }
    assertEquals(2, validator.chains(), "A, and A B");
    assertEquals(2, validator.classes().size());
    b.lock();
    b.unlock();
    assertEquals(3, validator.chains());
    a.lock();
    b.lock();
    a.unlock();
    Mutex c = mutex("C");
    c.lock();
    assertEquals(4, validator.chains(), "B C: the chain after the release of A");
    c.unlock();
    b.unlock();
  }

  @Test
  void K056_aChainThatIsWrongIsNotRemembered() {
    inOrder(mutex("A"), mutex("B"));
    for (int i = 0; i < 10; i++) {
      bug(Rule.LOCK_ORDER, () -> inOrder(mutex("B"), mutex("A")));
    }
    assertEquals(3, validator.chains(), "A, A B, B");
  }

  @Test
  void theCacheFindsWhatWasAddedAndNothingElse() {
    ChainCache cache = new ChainCache();
    LockSite site = new LockSite("main/1", List.of("frame"));
    long chain = ChainCache.EMPTY;
    for (int i = 0; i < 10_000; i++) {
      chain = ChainCache.extend(chain, i % 50);
      assertFalse(cache.contains(chain));
      cache.add(chain, site);
      assertTrue(cache.contains(chain));
      assertSame(site, cache.site(chain));
    }
    assertEquals(10_000, cache.size());
    assertFalse(cache.contains(chain + 1));
    assertNull(cache.site(chain + 1));
    long ab = ChainCache.extend(ChainCache.extend(ChainCache.EMPTY, 0), 1);
    long ba = ChainCache.extend(ChainCache.extend(ChainCache.EMPTY, 1), 0);
    assertNotEquals(ab, ba);
  }

  @Test
  void twoKernelsShareNothing() {
    Kernel first = new BootedKernel(KernelOptions.defaults());
    Kernel second = new BootedKernel(KernelOptions.defaults());
    inOrder(first.mutex("A"), first.mutex("B"));
    inOrder(second.mutex("B"), second.mutex("A"));
    bug(Rule.LOCK_ORDER, () -> inOrder(first.mutex("B"), first.mutex("A")));
    bug(Rule.LOCK_ORDER, () -> inOrder(second.mutex("A"), second.mutex("B")));
  }

  @Test
  void K068_offIsSilent() {
    Kernel kernel = new BootedKernel(KernelOptions.defaults().lockdep(false));
    assertFalse(kernel.lockdep().isOn());
    assertTrue(new BootedKernel(KernelOptions.defaults()).lockdep().isOn());
    Mutex a = kernel.mutex("A");
    Mutex b = kernel.mutex("B");
    inOrder(a, b);
    inOrder(b, a);
    inOrder(a, kernel.mutex("A"));
    SpinLock spin = kernel.spinLock("S");
    kernel.context().irqEnter();
    spin.lock();
    spin.unlock();
    kernel.context().irqExit();
    spin.lock();
    spin.unlock();
    kernel.lockdep().primeReclaim(a);
    a.lock();
    kernel.context().mightAlloc();
    assertMentions(bug(Rule.RECURSIVE_LOCK, a::lock), "#0: mutex 'A' taken with lock");
    bug(Rule.BAD_UNLOCK, b::unlock);
    a.unlock();
  }

  @Test
  void K067_tooManyClassesAreSaid() {
    LockClasses classes = new LockClasses(tasks.sites(), 2);
    TrackedLock one = new OwnedMutex(tasks, "one");
    classes.of(one, LockMode.MUTEX, 0, tasks.current().task());
    classes.of(one, LockMode.MUTEX, 1, tasks.current().task());
    KernelBug bug =
        bug(Rule.LOCKDEP_LIMIT, () -> classes.of(one, LockMode.MUTEX, 2, tasks.current().task()));
    assertMentions(bug, "mutex 'one' would be lock class 3, the limit is 2");
    assertEquals(2, classes.size());
    classes.of(new OwnedMutex(tasks, "one"), LockMode.MUTEX, 1, tasks.current().task());
  }

  @Test
  void K067_tooDeepTooManyRulesAndTooManyChainsAreSaid() {
    assertMentions(limited(new LockValidator(tasks, 9, 2, 9, 9)), "2 locks are held by one task");
    assertMentions(limited(new LockValidator(tasks, 9, 9, 1, 9)), "1 rules of order are known");
    assertMentions(limited(new LockValidator(tasks, 9, 9, 9, 2)), "2 lock chains are known");
  }

  @Test
  void K067_anOrderCountsOnce() {
    LockValidator small = new LockValidator(tasks, 9, 9, 1, 9);
    TaskContext self = tasks.current();
    HeldLocks held = self.locks();
    for (int i = 0; i < 2; i++) {
      TrackedLock tried = new OwnedMutex(tasks, "A");
      LockClass type = small.classes().of(tried, LockMode.MUTEX, 0, self.task());
      held.push(tried, LockMode.MUTEX, type, false, true);
    }
    TrackedLock last = new OwnedMutex(tasks, "B");
    LockClass type = small.classes().of(last, LockMode.MUTEX, 0, self.task());
    small.check(self, last, LockMode.MUTEX, type, true);
    held.remove(1);
    held.remove(0);
  }

  /** Takes three locks by hand, the last of which is too much. */
  private KernelBug limited(LockValidator small) {
    TaskContext self = tasks.current();
    HeldLocks held = self.locks();
    for (String name : List.of("A", "B")) {
      TrackedLock lock = new OwnedMutex(tasks, name);
      LockClass type = small.classes().of(lock, LockMode.MUTEX, 0, self.task());
      small.check(self, lock, LockMode.MUTEX, type, true);
      held.push(lock, LockMode.MUTEX, type, false, false);
    }
    TrackedLock last = new OwnedMutex(tasks, "C");
    LockClass type = small.classes().of(last, LockMode.MUTEX, 0, self.task());
    try {
      return bug(Rule.LOCKDEP_LIMIT, () -> small.check(self, last, LockMode.MUTEX, type, true));
    } finally {
      held.remove(1);
      held.remove(0);
    }
  }
}

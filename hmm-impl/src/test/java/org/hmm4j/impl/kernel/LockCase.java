// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.Lockdep;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.PseudoLock;

/**
 * What one task, or two one after the other, do with locks.
 *
 * @param name what they do
 * @param report the rule that is reported, or null if nothing is
 * @param steps what is done; with a report, the last step is the offence
 */
record LockCase(String name, Rule report, Consumer<LockStage> steps) {

  private static LockCase silent(String name, Consumer<LockStage> steps) {
    return new LockCase(name, null, steps);
  }

  private static LockCase report(Rule rule, String name, Consumer<LockStage> steps) {
    return new LockCase(name, rule, steps);
  }

  static List<LockCase> all() {
    List<LockCase> all = new ArrayList<>();
    Stream.of(orders(), classes(), contexts(), interrupts(), situations()).forEach(all::addAll);
    return all;
  }

  private static List<LockCase> orders() {
    return List.of(
        silent("A before B, by two tasks", x -> twice(x, () -> x.inOrder(x.a, x.b))),
        report(Rule.LOCK_ORDER, "A before B, B before A", x -> both(x, () -> x.inOrder(x.b, x.a))),
        silent("A, then B, then B before A", LockCase::apart),
        report(Rule.LOCK_ORDER, "A before B before C before A", LockCase::circle),
        silent("A before B, a try of A under B", LockCase::tryAgainstTheOrder),
        report(Rule.LOCK_ORDER, "B under a tried A, A under B", LockCase::orderUnderATry),
        silent("a reader of R before A, a writer of R before A", LockCase::readersAndWriters),
        report(Rule.LOCK_ORDER, "a reader of R before A, A before a reader", LockCase::readerLast),
        silent("A released before B, C under B", LockCase::handOver),
        report(Rule.LOCK_ORDER, "A before B, a mark that A may be taken under B", LockCase::mark));
  }

  private static void twice(LockStage x, Runnable what) {
    x.beside(what);
    what.run();
  }

  private static void both(LockStage x, Runnable offence) {
    x.beside(() -> x.inOrder(x.a, x.b));
    offence.run();
  }

  private static void apart(LockStage x) {
    x.a.lock();
    x.a.unlock();
    x.inOrder(x.b, x.a);
  }

  private static void circle(LockStage x) {
    x.inOrder(x.a, x.b);
    x.inOrder(x.b, x.c);
    x.inOrder(x.c, x.a);
  }

  private static void tryAgainstTheOrder(LockStage x) {
    x.inOrder(x.a, x.b);
    x.b.lock();
    x.a.tryLock();
    x.a.unlock();
    x.b.unlock();
  }

  private static void orderUnderATry(LockStage x) {
    x.a.tryLock();
    x.b.lock();
    x.b.unlock();
    x.a.unlock();
    x.inOrder(x.b, x.a);
  }

  private static void readersAndWriters(LockStage x) {
    x.r.readLock();
    x.inOrder(x.a, x.b);
    x.r.readUnlock();
    x.r.writeLock();
    x.r.downgradeWrite();
    x.inOrder(x.a, x.b);
    x.r.readUnlock();
  }

  private static void readerLast(LockStage x) {
    readersAndWriters(x);
    x.a.lock();
    x.r.readLock();
  }

  private static void handOver(LockStage x) {
    x.a.lock();
    x.b.lock();
    x.a.unlock();
    x.c.lock();
    x.b.unlock();
    x.c.unlock();
    x.inOrder(x.a, x.c);
  }

  private static void mark(LockStage x) {
    x.inOrder(x.a, x.b);
    x.b.lock();
    x.a.mightLock();
  }

  private static List<LockCase> classes() {
    return List.of(
        silent("a mutex and a spin lock of one name", LockCase::kinds),
        report(Rule.RECURSIVE_LOCK, "two locks of a class", x -> x.inOrder(x.a, x.otherA)),
        silent("the second as a subclass", LockCase::subclass),
        report(Rule.LOCK_ORDER, "the subclass first", LockCase::subclassFirst),
        silent("two under a nest lock", x -> nest(x, x.b)),
        report(Rule.LOCK_NOT_HELD, "two, the nest lock not held", x -> nest(x, x.c)),
        silent("a try for read by a reader", LockCase::tryInReader),
        report(Rule.RECURSIVE_LOCK, "a reader in a reader", LockCase::readerInReader),
        report(Rule.LOCKDEP_LIMIT, "257 locks held", LockCase::tooDeep));
  }

  private static void kinds(LockStage x) {
    x.a.lock();
    x.use(x.kernel.spinLock("A"));
    x.a.unlock();
  }

  private static void subclass(LockStage x) {
    x.a.lock();
    x.otherA.lockNested(1);
    x.otherA.unlock();
    x.a.unlock();
  }

  private static void subclassFirst(LockStage x) {
    subclass(x);
    x.otherA.lockNested(1);
    x.a.lock();
  }

  private static void nest(LockStage x, Mutex nestLock) {
    x.b.lock();
    x.a.lockNestLock(nestLock);
    x.otherA.lockNestLock(nestLock);
    x.otherA.unlock();
    x.a.unlock();
    x.b.unlock();
  }

  private static void tryInReader(LockStage x) {
    x.r.readLock();
    x.r.readTryLock();
    x.r.readUnlock();
    x.r.readUnlock();
  }

  private static void readerInReader(LockStage x) {
    x.r.readLock();
    x.r.readLock();
  }

  private static void tooDeep(LockStage x) {
    for (int i = 0; i <= Lockdep.MAX_DEPTH; i++) {
      x.kernel.mutex("lock " + i).lock();
    }
  }

  private static List<LockCase> contexts() {
    return List.of(
        silent("a spin lock under a mutex", LockCase::spinUnderMutex),
        report(Rule.SLEEP_IN_ATOMIC, "a mutex under a spin lock", LockCase::mutexUnderSpin),
        silent("a lock given back before its task ends", x -> x.beside(() -> apart(x))),
        report(Rule.BAD_CONTEXT, "a lock held when its task ends", x -> x.beside(x.a::lock)),
        silent("a write hold, downgraded, released as a read", LockCase::readersAndWriters),
        report(Rule.BAD_UNLOCK, "a read hold released as a write", LockCase::wrongMode),
        report(Rule.BAD_UNLOCK, "a lock released by another task", LockCase::wrongTask));
  }

  private static void spinUnderMutex(LockStage x) {
    x.a.lock();
    x.use(x.s);
    x.a.unlock();
  }

  private static void mutexUnderSpin(LockStage x) {
    x.s.lock();
    x.a.lock();
  }

  private static void wrongMode(LockStage x) {
    x.r.readLock();
    x.r.writeUnlock();
  }

  private static void wrongTask(LockStage x) {
    x.a.lock();
    x.beside(x.a::unlock);
  }

  private static List<LockCase> interrupts() {
    return List.of(
        silent("S in an interrupt and with irqsave", x -> irq(x, () -> x.useIrqsave(x.s))),
        report(Rule.IRQ_UNSAFE, "S in an interrupt and without", x -> irq(x, () -> x.use(x.s))),
        silent("a try of S in an interrupt", LockCase::tryInAnInterrupt),
        silent("S of interrupts, with irqsave, under T", LockCase::safeUnderUnsafe),
        report(Rule.IRQ_UNSAFE, "T under S of interrupts", LockCase::unsafeUnderSafe),
        silent("an interrupt under T that takes S", LockCase::ownChain),
        silent("an SRCU callback and a task take S", LockCase::srcuCallback),
        report(Rule.BAD_CONTEXT, "an interrupt that keeps S", x -> x.interrupt(() -> x.s.lock())));
  }

  private static void irq(LockStage x, Runnable use) {
    x.interrupt(() -> x.use(x.s));
    use.run();
  }

  private static void tryInAnInterrupt(LockStage x) {
    x.use(x.s);
    x.interrupt(
        () -> {
          x.s.tryLock();
          x.s.unlock();
        });
  }

  private static void safeUnderUnsafe(LockStage x) {
    x.interrupt(() -> x.use(x.s));
    x.t.lock();
    x.useIrqsave(x.s);
    x.t.unlock();
  }

  private static void unsafeUnderSafe(LockStage x) {
    x.interrupt(() -> x.use(x.s));
    x.use(x.t);
    x.inOrder(x.s, x.t);
  }

  private static void ownChain(LockStage x) {
    x.t.lock();
    x.interrupt(() -> x.use(x.s));
    x.t.unlock();
    x.useIrqsave(x.s);
  }

  private static void srcuCallback(LockStage x) {
    var srcu = x.kernel.srcu("srcu");
    srcu.call(() -> x.use(x.s));
    srcu.barrier();
    x.use(x.s);
  }

  private static List<LockCase> situations() {
    return List.of(
        silent("fs_reclaim: an allocation, then a lock of reclaim", x -> reclaim(x, false)),
        report(
            Rule.LOCK_ORDER,
            "fs_reclaim: an allocation under a lock of reclaim",
            x -> reclaim(x, true)),
        silent("fs_reclaim: an allocation by reclaim itself", LockCase::allocationInReclaim),
        silent("page lock: a second page by a try", x -> pages(x.kernel.lockdep().pageLock())),
        report(Rule.RECURSIVE_LOCK, "page lock: a second page, waited for", LockCase::secondPage),
        report(Rule.LOCK_ORDER, "page lock: before A and after A", LockCase::pageAndMutex),
        silent("work: a flush without locks", x -> flush(x, false)),
        report(Rule.LOCK_ORDER, "work: a flush under a lock of the work", x -> flush(x, true)),
        silent("mm exit: mmput without locks", x -> x.mm.mmput()),
        silent("mm exit: mmput under a lock that no release takes", LockCase::putUnderA),
        report(Rule.LOCK_ORDER, "mm exit: mmput under the mmap lock", LockCase::putUnderMmapLock),
        silent("invalidate map: a start under the mmap lock", LockCase::startUnderMmapLock),
        silent("invalidate map: a read, then the lock of the callback", LockCase::readThenLock),
        report(
            Rule.LOCK_ORDER,
            "invalidate map: a read under the lock of the callback",
            x -> underA(x, x.told()::readBegin)),
        report(
            Rule.LOCK_ORDER,
            "invalidate map: remove under the lock of the callback",
            x -> underA(x, x.told()::remove)),
        report(
            Rule.LOCK_ORDER,
            "invalidate map: a start under the lock of the callback",
            LockCase::startUnderA));
  }

  private static void reclaim(LockStage x, boolean under) {
    x.kernel.lockdep().primeReclaim(x.a);
    x.kernel.context().mightAlloc();
    x.a.lock();
    if (under) {
      x.kernel.context().mightAlloc();
    }
    x.a.unlock();
  }

  private static void allocationInReclaim(LockStage x) {
    x.kernel.lockdep().fsReclaim().acquire();
    x.kernel.context().mightAlloc();
    x.kernel.lockdep().fsReclaim().release();
  }

  private static void pages(PseudoLock pageLock) {
    pageLock.acquire();
    pageLock.tryAcquire();
    pageLock.release();
    pageLock.release();
  }

  private static void secondPage(LockStage x) {
    x.kernel.lockdep().pageLock().acquire();
    x.kernel.lockdep().pageLock().acquire();
  }

  private static void pageAndMutex(LockStage x) {
    x.kernel.lockdep().pageLock().acquire();
    x.a.lock();
    x.a.unlock();
    x.kernel.lockdep().pageLock().release();
    x.a.lock();
    x.kernel.lockdep().pageLock().acquire();
  }

  private static void flush(LockStage x, boolean under) {
    var work = x.kernel.lockdep().pseudoLock("work");
    x.beside(
        () -> {
          work.acquire();
          x.inOrder(x.a, x.b);
          work.release();
        });
    work.mightLock();
    x.a.lock();
    if (under) {
      work.mightLock();
    }
    x.a.unlock();
  }

  private static void putUnderMmapLock(LockStage x) {
    x.mm.mmget();
    x.mm.mmapLock().readLock();
    x.mm.mmput();
  }

  private static void putUnderA(LockStage x) {
    underA(x, x.mm::mmput);
    x.a.unlock();
  }

  private static void startUnderMmapLock(LockStage x) {
    var interval = x.told();
    x.mm.mmapLock().readLock();
    x.invalidate();
    x.mm.mmapLock().readUnlock();
    interval.remove();
  }

  private static void underA(LockStage x, Runnable step) {
    x.a.lock();
    step.run();
  }

  private static void startUnderA(LockStage x) {
    x.told();
    underA(x, x::invalidate);
  }

  private static void readThenLock(LockStage x) {
    var interval = x.told();
    long seq = interval.readBegin();
    x.a.lock();
    interval.readRetry(seq);
    x.a.unlock();
    interval.remove();
  }
}

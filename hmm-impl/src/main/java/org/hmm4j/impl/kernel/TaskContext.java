// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelLock;
import org.hmm4j.machine.Step;
import org.hmm4j.machine.Task;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/**
 * What the kernel knows about one task: the part of {@code task_struct} (include/linux/sched.h)
 * that lockdep, {@code preempt_count} and SRCU use. Only the task itself touches it.
 *
 * <p>Every lock of every kind is taken and released through {@link #acquire} and {@link #release}
 * ({@code lock_acquire} and {@code lock_release}, kernel/locking/lockdep.c): checks first, while
 * nothing has changed yet; then the preemption point; then the bare lock; then the book.
 */
final class TaskContext {

  private final Tasks tasks;
  private final LockValidator validator;
  private final Tracer tracer;
  private final Task task;
  private final HeldLocks locks = new HeldLocks();
  private final OpenSections sections = new OpenSections();
  private final AtomicState atomic;
  private final DeferredWork deferred;

  /** Makes the state of a task. */
  TaskContext(Tasks tasks, Task task) {
    this(tasks, task, new AtomicState(null), new DeferredWork());
  }

  private TaskContext(Tasks tasks, Task task, AtomicState atomic, DeferredWork deferred) {
    this.tasks = tasks;
    this.validator = tasks.validator();
    this.tracer = tasks.tracer();
    this.task = task;
    this.atomic = atomic;
    this.deferred = deferred;
  }

  boolean belongsTo(Tasks kernel) {
    return tasks == kernel;
  }

  Task task() {
    return task;
  }

  AtomicState atomic() {
    return atomic;
  }

  HeldLocks locks() {
    return locks;
  }

  OpenSections sections() {
    return sections;
  }

  /** Runs a work now if the task is idle, else as soon as it is. */
  void whenIdle(Runnable work) {
    deferred.add(work);
    settle();
  }

  /**
   * Takes a lock.
   *
   * @param wait false to give up instead of waiting
   * @return false if it gave up
   */
  boolean acquire(TrackedLock lock, LockMode mode, boolean wait) {
    return acquire(lock, mode, 0, wait);
  }

  /** Takes a lock as one of a subclass. */
  void acquireNested(TrackedLock lock, LockMode mode, int subclass) {
    acquire(lock, mode, LockClasses.checkSubclass(subclass), true);
  }

  /** Takes a lock whose order among its class is settled by another lock that is held. */
  void acquireNestLock(TrackedLock lock, LockMode mode, KernelLock nestLock) {
    TrackedLock nest = TrackedLock.of(nestLock, "nestLock");
    checkMayWait(lock, mode);
    LockClass type = null;
    boolean settled = false;
    if (validator != null) {
      if (!holds(nest)) {
        throw nest.notHeld(this, " as the nest lock of " + lock);
      }
      type = lock.type(validator.classes(), mode, 0, task);
      settled = locks.isNested(type, nest, atomic.inHardirq());
      validator.check(this, lock, mode, type, !settled);
    }
    waitFor(lock, mode, type, settled);
  }

  private boolean acquire(TrackedLock lock, LockMode mode, int subclass, boolean wait) {
    return wait ? acquireWaiting(lock, mode, subclass) : acquireTrying(lock, mode, subclass);
  }

  private boolean acquireWaiting(TrackedLock lock, LockMode mode, int subclass) {
    checkMayWait(lock, mode);
    LockClass type = validator == null ? null : validate(lock, mode, subclass, true);
    waitFor(lock, mode, type, false);
    return true;
  }

  private void waitFor(TrackedLock lock, LockMode mode, LockClass type, boolean unordered) {
    tasks.step(Step.LOCK, lock);
    locks.reserve();
    if (!lock.tryTake(task, mode)) {
      report(TracePoint.LOCK_CONTENDED, lock, mode);
      lock.take(task, mode);
    }
    taken(lock, mode, type, unordered);
  }

  /** A try that fails breaks no rule, so the validator sees only one that has succeeded. */
  private boolean acquireTrying(TrackedLock lock, LockMode mode, int subclass) {
    tasks.step(Step.LOCK, lock);
    locks.reserve();
    if (!lock.tryTake(task, mode)) {
      return false;
    }
    LockClass type = null;
    if (validator != null) {
      try {
        type = validate(lock, mode, subclass, false);
      } catch (KernelBug bug) {
        lock.give(task, mode);
        throw bug;
      }
    }
    taken(lock, mode, type, true);
    return true;
  }

  private void taken(TrackedLock lock, LockMode mode, LockClass type, boolean unordered) {
    locks.push(lock, mode, type, atomic.inHardirq(), unordered);
    if (mode.atomic()) {
      atomic.lock();
    }
    report(TracePoint.LOCK_ACQUIRED, lock, mode);
  }

  /** Nobody ever waits for a pseudo lock, so nobody is told of it. */
  private void report(TracePoint point, TrackedLock lock, LockMode mode) {
    if (tracer != null && mode != LockMode.MAP) {
      tracer.report(point, lock, mode);
    }
  }

  /** Checks all that taking a lock would check: {@code might_lock}, include/linux/lockdep.h. */
  void checkAcquire(TrackedLock lock, LockMode mode) {
    checkMayWait(lock, mode);
    if (validator != null) {
      validate(lock, mode, 0, true);
    }
  }

  private LockClass validate(TrackedLock lock, LockMode mode, int subclass, boolean wait) {
    LockClass type = lock.type(validator.classes(), mode, subclass, task);
    validator.check(this, lock, mode, type, wait);
    return type;
  }

  /** Releases a lock, then runs the work that waited for this task to be free of locks. */
  void release(TrackedLock lock, LockMode mode) {
    drop(lock, mode);
    settle();
  }

  /**
   * As {@link #release}, and restores the interrupt state. If that is wrong under a lock that is
   * still held, it is done all the same and reported then: who unlocks does not try again.
   */
  void releaseIrqrestore(TrackedLock lock, boolean irqsOff) {
    int at = place(lock, LockMode.SPIN_IRQSAVE);
    KernelBug unsafe = null;
    if (validator != null && !irqsOff && !atomic.inHardirq()) {
      try {
        validator.checkIrqsOn(this, at);
      } catch (KernelBug bug) {
        unsafe = bug;
      }
    }
    drop(lock, LockMode.SPIN_IRQSAVE);
    atomic.irqsOff(irqsOff);
    if (unsafe != null) {
      throw unsafe;
    }
    settle();
  }

  /** Turns a hold for write into one for read. */
  void downgrade(FifoRwSemaphore lock) {
    int at = place(lock, LockMode.WRITE);
    if (validator != null) {
      validator.checkMode(this, at, LockMode.READ);
    }
    tasks.step(Step.UNLOCK, lock);
    locks.mode(at, LockMode.READ);
    report(TracePoint.LOCK_RELEASED, lock, LockMode.WRITE);
    report(TracePoint.LOCK_ACQUIRED, lock, LockMode.READ);
    lock.downgrade(task);
  }

  boolean holds(TrackedLock lock) {
    return locks.find(lock) >= 0;
  }

  boolean holds(TrackedLock lock, LockMode mode) {
    return locks.find(lock, mode) >= 0;
  }

  /** Lists what is held, in lines of its own, as the end of a report. */
  String held() {
    return "\n" + LockText.holds(task, locks, validator);
  }

  /** Requires that the task may sleep. */
  void mightSleep(Object why) {
    if (atomic.isAtomic()) {
      throw new KernelBug(
          Rule.SLEEP_IN_ATOMIC, why + ": task " + task + " may not sleep here: " + atomic + held());
    }
  }

  /** Runs deferred work if nothing is held and sleeping is allowed. */
  void settle() {
    if (!deferred.isEmpty() && isIdle()) {
      deferred.run();
    }
  }

  /** Returns whether the task holds no lock, is in no read section and may sleep. */
  boolean isIdle() {
    return locks.isEmpty() && sections.isEmpty() && !atomic.isAtomic();
  }

  /**
   * Runs an atomic callback with a book of its own, as a soft interrupt of this task would: it sees
   * none of the locks held here.
   *
   * @return the complaint if it threw or left something held, or null
   */
  KernelBug interrupt(String what, Runnable callback) {
    TaskContext inner = new TaskContext(tasks, task, new AtomicState(what), deferred);
    task.context(inner);
    try {
      callback.run();
      return inner.close(what, null);
    } catch (Throwable thrown) {
      String text = what + ", run by task " + task + ", threw " + thrown;
      KernelBug bug = new KernelBug(Rule.CALLBACK_THREW, text, thrown);
      KernelBug left = inner.close(what, null);
      if (left != null) {
        bug.addSuppressed(left);
      }
      return bug;
    } finally {
      task.context(this);
    }
  }

  /**
   * Ends this state: gives back what is still held, so that the mistake of one task does not hang
   * the others.
   *
   * @param what what ended, for the message
   * @param thrown what it threw, or null
   * @return the complaint, or null if nothing was held
   */
  KernelBug close(String what, Throwable thrown) {
    if (locks.isEmpty() && sections.isEmpty() && atomic.isBalanced()) {
      return null;
    }
    KernelBug bug =
        new KernelBug(
            Rule.BAD_CONTEXT,
            "%s, run by task %s, ended%s with this left; SRCU sections: %s; %s%s"
                .formatted(
                    what,
                    task,
                    thrown == null ? "" : ", having thrown " + thrown + ",",
                    sections,
                    atomic,
                    held()),
            thrown);
    // Keeps deferred work back until everything is given back.
    atomic.irqsOff(true);
    for (int at = locks.last(); at >= 0; at = locks.last()) {
      drop(locks.lock(at), locks.mode(at));
    }
    for (int at = sections.last(); at >= 0; at = sections.last()) {
      Epoch epoch = sections.remove(at);
      epoch.domain().leave(this, epoch);
    }
    atomic.reset();
    try {
      settle();
    } catch (KernelBug later) {
      bug.addSuppressed(later);
    }
    return bug;
  }

  private void checkMayWait(TrackedLock lock, LockMode mode) {
    if (mode.sleeps()) {
      mightSleep(lock);
    }
    int at = locks.find(lock);
    if (at >= 0) {
      throw new KernelBug(
          Rule.RECURSIVE_LOCK,
          "%s: task %s takes it %s but holds it already, taken %s; it is not recursive%s"
              .formatted(lock, task, mode, locks.mode(at), held()));
    }
  }

  /**
   * Lets an interrupt come.
   *
   * @throws KernelBug {@link Rule#BAD_CONTEXT} if interrupts are off
   */
  void irqEnter() {
    if (atomic.irqsOff()) {
      throw new KernelBug(
          Rule.BAD_CONTEXT, "no interrupt comes to task " + task + " here: " + atomic + held());
    }
    atomic.irqEnter();
  }

  /**
   * Returns from an interrupt, with nothing held that its handler took.
   *
   * @throws KernelBug {@link Rule#BAD_CONTEXT} if it held something, or if there was no interrupt
   */
  void irqExit() {
    if (!atomic.inHardirq()) {
      throw new KernelBug(
          Rule.BAD_CONTEXT, "irqExit of task " + task + " without irqEnter; " + atomic);
    }
    KernelBug bug = null;
    for (int at = locks.last(); at >= 0 && locks.isInHardirq(at); at = locks.last()) {
      if (bug == null) {
        bug =
            new KernelBug(
                Rule.BAD_CONTEXT,
                "the interrupt handler of task " + task + " returns with locks" + held());
      }
      drop(locks.lock(at), locks.mode(at));
    }
    atomic.irqExit();
    if (bug != null) {
      throw bug;
    }
    settle();
  }

  private void drop(TrackedLock lock, LockMode mode) {
    int at = place(lock, mode);
    tasks.step(Step.UNLOCK, lock);
    locks.remove(at);
    if (mode.atomic()) {
      atomic.unlock();
    }
    report(TracePoint.LOCK_RELEASED, lock, mode);
    lock.give(task, mode);
  }

  private int place(TrackedLock lock, LockMode mode) {
    int at = locks.find(lock, mode);
    if (at < 0) {
      throw badUnlock(lock, mode);
    }
    return at;
  }

  private KernelBug badUnlock(TrackedLock lock, LockMode mode) {
    int other = locks.find(lock);
    String why =
        other < 0
            ? "does not hold it; it is " + lock.holder()
            : "holds it, taken " + locks.mode(other);
    return new KernelBug(
        Rule.BAD_UNLOCK,
        lock + ": task " + task + " releases a hold taken " + mode + " but " + why + held());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * Checks that locks are taken in one order, so that dead-locks are reported that did not happen:
 * kernel/locking/lockdep.c, Documentation/locking/lockdep-design.rst, Linux 6.1.
 *
 * <p><b>What is known.</b> Locks of one kind and one name are a class; {@code lockNested} and its
 * like make subclasses, {@code lockNestLock} and its like leave the order within a class to another
 * lock. When a lock is taken while others are held, "these before that" becomes a rule for their
 * classes, for the life of the kernel. A mode makes no difference: readers of a {@link RwSemaphore}
 * wait for waiting writers. A lock taken by a try is held like others, but its taking makes no
 * rule, because it did not wait.
 *
 * <p><b>What is reported</b>, by a {@link KernelBug} from the call that would take the lock, which
 * is then not taken:
 *
 * <ul>
 *   <li>{@link KernelBug.Rule#LOCK_ORDER}: the new rule and the old ones form a circle;
 *   <li>{@link KernelBug.Rule#RECURSIVE_LOCK}: a second lock of a class;
 *   <li>{@link KernelBug.Rule#IRQ_UNSAFE}: a lock that is taken {@linkplain Context#irqEnter in an
 *       interrupt} is also taken with interrupts enabled, or one that is, is taken under it;
 *   <li>{@link KernelBug.Rule#LOCKDEP_LIMIT}: more than {@value #MAX_CLASSES} classes, {@value
 *       #MAX_RULES} rules, {@value #MAX_CHAINS} different chains or {@value #MAX_DEPTH} locks held.
 * </ul>
 *
 * <p>The kernel falls silent after its first report; here each offence throws, and leaves no trace
 * in the rules. The places in a report are those where that chain of classes was seen first.
 *
 * <p><b>Interrupts.</b> Nothing runs in a soft interrupt: callbacks of {@link Srcu#call} run, as in
 * the kernel, in a task of their own with soft interrupts disabled. So they have a lock chain of
 * their own and make no lock unsafe.
 *
 * <p><b>A work and its flush.</b> The work runs inside a {@link #pseudoLock} of its own, which who
 * flushes it marks with {@link KernelLock#mightLock}; then a flush under a lock that the work takes
 * is reported.
 */
public interface Lockdep {

  /** Subclasses of a class: {@code MAX_LOCKDEP_SUBCLASSES}. */
  int MAX_SUBCLASSES = 8;

  /** Classes and subclasses of a kernel: {@code MAX_LOCKDEP_KEYS}. */
  int MAX_CLASSES = 8192;

  /** Direct rules of order: {@code MAX_LOCKDEP_ENTRIES}. */
  int MAX_RULES = 32_768;

  /** Different chains of held classes: {@code MAX_LOCKDEP_CHAINS}. */
  int MAX_CHAINS = 65_536;

  /**
   * Locks that a task holds: {@code MAX_LOCK_DEPTH}. There 48, but locks that nest under another
   * are counted, not listed; here each counts.
   */
  int MAX_DEPTH = 256;

  /**
   * Returns whether this kernel checks the order of locks.
   *
   * @return the setting of {@link KernelOptions#lockdep}
   */
  boolean isOn();

  /**
   * Makes a pseudo lock.
   *
   * @param name its class
   * @return a pseudo lock that no task holds
   */
  PseudoLock pseudoLock(String name);

  /**
   * Returns the situation "memory is being reclaimed": {@code __fs_reclaim_map}, mm/page_alloc.c.
   * Entered by who reclaims: {@code fs_reclaim_acquire}. Invalidation callbacks of notifiers are
   * known to run in it.
   *
   * @return one object for all tasks
   */
  PseudoLock fsReclaim();

  /**
   * Returns the situation "a page is locked": {@code PG_locked}, include/linux/pagemap.h. The lock
   * is a bit, which the kernel's lockdep does not see; who locks pages here says so. For a page
   * locked by a try: {@link PseudoLock#tryAcquire}, as for the second of several.
   *
   * @return one object for all tasks
   */
  PseudoLock pageLock();

  /**
   * Returns the situation "an address space exits": release callbacks and the unmapping of
   * everything, in the task that drops the last user. Each {@code mmput} is marked with it, also
   * one that is not the last; unregistering a range only if it drops the last user, because drivers
   * do that under their locks, as a user themselves. The exit is known to take the mmap lock.
   *
   * @return one object for all tasks
   */
  PseudoLock mmExit();

  /**
   * Makes known that reclaim takes a lock, before it ever does: {@code fs_reclaim_acquire}, {@code
   * might_lock}, {@code fs_reclaim_release}. From then on it is an error to {@linkplain
   * Context#mightAlloc allocate} under that lock.
   *
   * @param lock a lock that a shrinker or an invalidation callback may take
   * @throws KernelBug as taking the lock here
   */
  void primeReclaim(KernelLock lock);
}

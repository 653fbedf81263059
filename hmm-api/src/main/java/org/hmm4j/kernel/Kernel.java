// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

import java.util.List;
import org.hmm4j.machine.Machine;
import org.hmm4j.trace.Tracer;

/**
 * A kernel: the object that hands out every primitive. Two kernels share nothing.
 *
 * <p>The names of locks are names of lock classes: locks with one name follow one rule of order.
 */
public interface Kernel {

  /** How many warnings are kept and logged with their text; more are counted. */
  int MAX_WARNINGS = 1000;

  /**
   * Boots a kernel on real JDK threads, with the engine that {@link java.util.ServiceLoader} finds.
   *
   * @return a new kernel
   * @throws IllegalStateException if no engine is on the path
   */
  static Kernel boot() {
    return boot(KernelOptions.defaults());
  }

  /**
   * Boots a kernel, with the engine that {@link java.util.ServiceLoader} finds.
   *
   * @param options what to boot it with
   * @return a new kernel
   * @throws IllegalStateException if no engine is on the path
   */
  static Kernel boot(KernelOptions options) {
    return KernelProvider.load().boot(options);
  }

  /**
   * Returns the machine that this kernel runs on.
   *
   * @return the machine
   */
  Machine machine();

  /**
   * Returns what reports events to the {@linkplain KernelOptions#trace sink} of this kernel, for an
   * address space or a driver that has events of its own. Never changes: callers keep it in a
   * field.
   *
   * @return the tracer, or null if nobody listens
   */
  Tracer tracer();

  /**
   * Makes a spin lock.
   *
   * @param name its lock class
   * @return a free lock
   */
  SpinLock spinLock(String name);

  /**
   * Makes a mutex.
   *
   * @param name its lock class
   * @return a free mutex
   */
  Mutex mutex(String name);

  /**
   * Makes a read/write semaphore.
   *
   * @param name its lock class
   * @return a free lock
   */
  RwSemaphore rwSemaphore(String name);

  /**
   * Makes a reference count of one: {@code kref_init}.
   *
   * @param name what warnings call the object
   * @param release run by the {@link Kref#put} that drops the last reference
   * @return the count
   */
  Kref kref(String name, Runnable release);

  /**
   * Makes an SRCU domain: {@code init_srcu_struct}. The kernel keeps it until it is {@linkplain
   * Srcu#cleanup cleaned up}.
   *
   * @param name what reports call it
   * @return a domain without readers
   */
  Srcu srcu(String name);

  /**
   * Makes a wait queue.
   *
   * @param name what reports call it
   * @return an empty queue
   */
  WaitQueue waitQueue(String name);

  /**
   * Makes a completion.
   *
   * @param name what reports call it
   * @return a completion that is not done
   */
  Completion completion(String name);

  /**
   * Returns the execution context of the calling task.
   *
   * @return the context; one object serves all tasks
   */
  Context context();

  /**
   * Returns what checks the order of locks.
   *
   * @return the checker, also if it is off
   */
  Lockdep lockdep();

  /**
   * Returns the allocator's book.
   *
   * @return the book
   */
  Allocations allocations();

  /**
   * Records a misuse at which the kernel goes on: {@code WARN}. Any context. Also logged.
   *
   * @param message the object, the rule and the value that broke it
   */
  void warn(String message);

  /**
   * Returns what was recorded by {@link #warn}.
   *
   * @return a copy, oldest first; of more than {@value #MAX_WARNINGS} the first
   */
  List<Warning> warnings();

  /**
   * Returns how often {@link #warn} was called: {@code warn_count}, kernel/panic.c.
   *
   * @return the number, also of warnings that were not kept
   */
  long warnCount();

  /**
   * Returns a part of the engine by its interface. Drivers use the {@code of(kernel)} method of the
   * interface itself.
   *
   * @param <T> the interface
   * @param type the interface
   * @return the part
   * @throws IllegalArgumentException if the engine has no such part
   */
  <T> T subsystem(Class<T> type);

  /**
   * Ends the work of this kernel: waits for the callbacks of all SRCU domains that were not cleaned
   * up, then looks for objects that nobody freed. Nothing stops working; a test calls this last.
   * Context: may sleep, no lock held.
   *
   * @throws KernelBug {@link KernelBug.Rule#LEAK} if objects are live, with the task and place that
   *     made each; {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context
   */
  void shutdown();
}

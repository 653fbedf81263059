// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * Sleepable read-copy-update: {@code struct srcu_struct}, kernel/rcu/srcutree.c, Linux 6.1.
 *
 * <p>Readers never wait. A grace period waits for the sections that were open when it was asked
 * for, and for no later ones.
 *
 * <p>A domain that comes and goes with an object is {@linkplain #cleanup cleaned up} before the
 * object goes. One that is never cleaned up lives as long as its kernel, as {@code DEFINE_SRCU}
 * does, and counts as no leak. Once it is cleaned up, a call of any method but {@link
 * #readLockHeld} and {@link #cleanup} is {@link KernelBug.Rule#USE_AFTER_FREE} and does nothing.
 */
public interface Srcu {

  /**
   * Opens a read section: {@code srcu_read_lock}. Sections nest. Any context; sleeping inside is
   * allowed.
   *
   * @return the index to close it with
   */
  int readLock();

  /**
   * Closes a read section: {@code srcu_read_unlock}.
   *
   * @param index what {@link #readLock} returned
   * @throws KernelBug {@link KernelBug.Rule#BAD_UNLOCK} if the calling task has no section of that
   *     index open
   */
  void readUnlock(int index);

  /**
   * Returns whether the calling task has a read section of this domain open: {@code
   * srcu_read_lock_held}.
   *
   * @return true if it has
   */
  boolean readLockHeld();

  /**
   * Waits for the sections that are open at the call: {@code synchronize_srcu}. Context: may sleep.
   *
   * @throws KernelBug {@link KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context; {@link
   *     KernelBug.Rule#BAD_CONTEXT} inside a section of this domain, where it would wait for itself
   */
  void synchronize();

  /**
   * Runs a callback after the sections that are open at the call: {@code call_srcu}. Any context;
   * does not wait. The callback runs once, in atomic context, with no lock of its runner held: in
   * the task that ends the grace period, as soon as that task holds nothing. What it throws comes
   * out of the call with which that task let go of the last thing it held, as {@link
   * KernelBug.Rule#CALLBACK_THREW}.
   *
   * @param callback what to run; it must not sleep
   */
  void call(Runnable callback);

  /**
   * Waits until the callbacks that were given to {@link #call} before have run: {@code
   * srcu_barrier}. Context: may sleep.
   *
   * @throws KernelBug as {@link #synchronize}
   */
  void barrier();

  /**
   * Ends this domain: {@code cleanup_srcu_struct}. The caller has made sure that nobody uses it any
   * more, and after the last {@link #call} has called {@link #barrier}. If a section is open or a
   * callback has not run, this warns, and the domain stays as it was: it leaks, but whoever still
   * uses it is safe. Context: may sleep.
   *
   * @throws KernelBug {@link KernelBug.Rule#DOUBLE_FREE} if it is cleaned up already; {@link
   *     KernelBug.Rule#SLEEP_IN_ATOMIC} in atomic context
   */
  void cleanup();
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.hmm4j.machine.Machine;
import org.hmm4j.trace.TraceSink;

/**
 * What a kernel is booted with. Immutable; each method returns a changed copy.
 *
 * @param machine the machine to run on, or empty for real JDK threads
 * @param failAllocation says which allocations fail, by their type
 * @param notifierProfile which generation of the notifier core to have
 * @param lockdep whether the order of locks is checked
 * @param sites whether reports say in which line something was done
 * @param trace is told what happens, or empty
 */
public record KernelOptions(
    Optional<Machine> machine,
    Predicate<String> failAllocation,
    NotifierProfile notifierProfile,
    boolean lockdep,
    boolean sites,
    Optional<TraceSink> trace) {

  /**
   * Checks that nothing is missing.
   *
   * @param machine the machine
   * @param failAllocation the fault plan
   * @param notifierProfile the notifier core
   * @param lockdep whether the order of locks is checked
   * @param sites whether places are recorded
   * @param trace the sink
   */
  public KernelOptions {
    Objects.requireNonNull(machine, "machine");
    Objects.requireNonNull(failAllocation, "failAllocation");
    Objects.requireNonNull(notifierProfile, "notifierProfile");
    Objects.requireNonNull(trace, "trace");
  }

  /**
   * As the canonical constructor, with the order of locks checked, places recorded and no trace.
   *
   * @param machine the machine
   * @param failAllocation the fault plan
   * @param notifierProfile the notifier core
   */
  public KernelOptions(
      Optional<Machine> machine,
      Predicate<String> failAllocation,
      NotifierProfile notifierProfile) {
    this(machine, failAllocation, notifierProfile, true, true, Optional.empty());
  }

  /**
   * Returns the defaults: real JDK threads, no allocation fails, the notifier core of 6.1, the
   * order of locks is checked, places are recorded, there is no trace.
   *
   * @return the defaults
   */
  public static KernelOptions defaults() {
    return new KernelOptions(Optional.empty(), type -> false, NotifierProfile.V6_1);
  }

  /**
   * Chooses the machine.
   *
   * @param machine a machine that serves no other kernel
   * @return a copy with this machine
   */
  public KernelOptions machine(Machine machine) {
    return new KernelOptions(
        Optional.of(machine), failAllocation, notifierProfile, lockdep, sites, trace);
  }

  /**
   * Sets the fault plan of the allocator, the kernel's {@code failslab}.
   *
   * @param plan asked at each allocation with its type; true lets it fail with {@link Errno#ENOMEM}
   * @return a copy with this plan
   */
  public KernelOptions failAllocation(Predicate<String> plan) {
    return new KernelOptions(machine, plan, notifierProfile, lockdep, sites, trace);
  }

  /**
   * Chooses the generation of the notifier core.
   *
   * @param profile the kernel whose rule for a failing start holds
   * @return a copy with this notifier core
   */
  public KernelOptions notifierProfile(NotifierProfile profile) {
    return new KernelOptions(machine, failAllocation, profile, lockdep, sites, trace);
  }

  /**
   * Turns {@link Lockdep} on or off, the kernel's {@code CONFIG_PROVE_LOCKING}. On by default; off
   * costs nothing.
   *
   * @param on whether the order of locks is checked
   * @return a copy with this setting
   */
  public KernelOptions lockdep(boolean on) {
    return new KernelOptions(machine, failAllocation, notifierProfile, on, sites, trace);
  }

  /**
   * Says whether the places are recorded where locks are taken, objects are made and freed and
   * warnings come from. On by default. Off takes no stacks: reports then name tasks, objects and
   * locks, and say that the place was not recorded. For runs in great number, such as the search of
   * schedules, whose failures are run again with it on.
   *
   * @param on whether stacks are taken
   * @return a copy with this setting
   */
  public KernelOptions sites(boolean on) {
    return new KernelOptions(machine, failAllocation, notifierProfile, lockdep, on, trace);
  }

  /**
   * Chooses who is told what happens: locks, invalidations, callbacks, sequence numbers and more,
   * see {@link org.hmm4j.trace.TracePoint}. Nobody by default, which costs one comparison a point.
   *
   * @param sink takes the events
   * @return a copy with this sink
   */
  public KernelOptions trace(TraceSink sink) {
    return new KernelOptions(
        machine, failAllocation, notifierProfile, lockdep, sites, Optional.of(sink));
  }
}

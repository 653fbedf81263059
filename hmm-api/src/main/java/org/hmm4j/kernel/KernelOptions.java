// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.hmm4j.machine.Machine;

/**
 * What a kernel is booted with. Immutable; each method returns a changed copy.
 *
 * @param machine the machine to run on, or empty for real JDK threads
 * @param failAllocation says which allocations fail, by their type
 */
public record KernelOptions(Optional<Machine> machine, Predicate<String> failAllocation) {

  /**
   * Checks that nothing is missing.
   *
   * @param machine the machine
   * @param failAllocation the fault plan
   */
  public KernelOptions {
    Objects.requireNonNull(machine, "machine");
    Objects.requireNonNull(failAllocation, "failAllocation");
  }

  /**
   * Returns the defaults: real JDK threads, no allocation fails.
   *
   * @return the defaults
   */
  public static KernelOptions defaults() {
    return new KernelOptions(Optional.empty(), type -> false);
  }

  /**
   * Chooses the machine.
   *
   * @param machine a machine that serves no other kernel
   * @return a copy with this machine
   */
  public KernelOptions machine(Machine machine) {
    return new KernelOptions(Optional.of(machine), failAllocation);
  }

  /**
   * Sets the fault plan of the allocator, the kernel's {@code failslab}.
   *
   * @param plan asked at each allocation with its type; true lets it fail with {@link Errno#ENOMEM}
   * @return a copy with this plan
   */
  public KernelOptions failAllocation(Predicate<String> plan) {
    return new KernelOptions(machine, plan);
  }
}

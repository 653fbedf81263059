// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.KernelProvider;
import org.hmm4j.kernel.Warning;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Task;

/** The world of one run of a {@link Scenario}: a machine, a kernel on it, and tasks. */
public final class SimWorld {

  private final SimMachine machine;
  private final KernelProvider provider;
  private KernelOptions options;
  private final List<Runnable> checks = new ArrayList<>();
  private Kernel kernel;
  private boolean mayLeak;
  private boolean mayWarn;

  SimWorld(SimMachine machine, KernelProvider provider, KernelOptions options) {
    this.machine = machine;
    this.provider = provider;
    this.options = options;
  }

  /**
   * Returns the kernel of this run; boots it at the first call.
   *
   * @return always the same kernel
   */
  public Kernel kernel() {
    if (kernel == null) {
      kernel = provider.boot(options.machine(machine));
    }
    return kernel;
  }

  /**
   * Changes what the kernel of this run is booted with, for what must begin anew with each run,
   * such as a plan of failing allocations.
   *
   * @param change gets what is set so far, with the machine still to be set
   * @throws IllegalStateException if the kernel is there already
   */
  public void options(UnaryOperator<KernelOptions> change) {
    if (kernel != null) {
      throw new IllegalStateException("options have to be changed before the first kernel()");
    }
    options = Objects.requireNonNull(change.apply(options), "options");
  }

  /**
   * Returns the machine of this run, for scenarios that need no kernel.
   *
   * @return the deterministic machine
   */
  public Machine machine() {
    return kernel == null ? machine : kernel.machine();
  }

  /**
   * Starts a task. It runs for the first time when a scheduler chooses it.
   *
   * @param name what reports call it
   * @param body what it runs; the run fails if it throws
   * @return the task
   */
  public Task spawn(String name, Runnable body) {
    return machine().spawn(name, body);
  }

  /** Waits until all tasks have ended. Only task 0, the scenario itself, may call this. */
  public void join() {
    if (machine.current().id() != 0) {
      throw new IllegalStateException("only the set-up waits for all: " + machine.current());
    }
    machine.awaitOthers();
  }

  /**
   * Adds what is checked when all tasks have ended normally, before leaks are looked for: also the
   * place to tear down.
   *
   * @param check runs in task 0, in the order of adding; the run fails if it throws
   */
  public void atEnd(Runnable check) {
    checks.add(Objects.requireNonNull(check, "check"));
  }

  /** Lets this run end with objects that were not freed. */
  public void mayLeak() {
    mayLeak = true;
  }

  /** Lets the kernel of this run warn: a scenario may show that it does. */
  public void mayWarn() {
    mayWarn = true;
  }

  /** What follows the set-up. */
  void finish() {
    join();
    for (Runnable check : checks) {
      check.run();
    }
    if (kernel != null) {
      List<Warning> warnings = kernel.warnings();
      if (!warnings.isEmpty() && !mayWarn) {
        throw new WarningsLeft(warnings);
      }
      if (!mayLeak) {
        kernel.shutdown();
      }
    }
  }
}

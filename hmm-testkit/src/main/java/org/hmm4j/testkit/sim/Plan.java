// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.KernelProvider;

/**
 * What is the same for all runs of a search.
 *
 * @param scenario what is run
 * @param provider the engine
 * @param options what its kernels are booted with; the machine is set for each run
 * @param backend what the tasks run on
 * @param budget after how many steps a run counts as hanging
 */
record Plan(
    Scenario scenario,
    KernelProvider provider,
    KernelOptions options,
    Backend backend,
    int budget) {

  Plan scenario(Scenario other) {
    return new Plan(other, provider, options, backend, budget);
  }

  Plan options(KernelOptions other) {
    return new Plan(scenario, provider, other, backend, budget);
  }
}

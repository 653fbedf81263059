// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

import java.util.ServiceLoader;

/**
 * What an engine publishes for {@link java.util.ServiceLoader}. Drivers call {@link Kernel#boot}.
 */
public interface KernelProvider {

  /**
   * Finds the engine; who boots many kernels does this once.
   *
   * @return the first engine that {@link ServiceLoader} finds
   * @throws IllegalStateException if no engine is on the path
   */
  static KernelProvider load() {
    return ServiceLoader.load(KernelProvider.class, KernelProvider.class.getClassLoader())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no engine found: is hmm-impl on the path?"));
  }

  /**
   * Boots a kernel.
   *
   * @param options what to boot it with
   * @return a kernel that shares nothing with any other
   */
  Kernel boot(KernelOptions options);
}

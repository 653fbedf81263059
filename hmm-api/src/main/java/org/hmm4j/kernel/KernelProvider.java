// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * What an engine publishes for {@link java.util.ServiceLoader}. Drivers call {@link Kernel#boot}.
 */
public interface KernelProvider {

  /**
   * Boots a kernel.
   *
   * @param options what to boot it with
   * @return a kernel that shares nothing with any other
   */
  Kernel boot(KernelOptions options);
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl;

import org.hmm4j.devmem.Devmem;
import org.hmm4j.impl.devmem.DevmemCore;
import org.hmm4j.impl.kernel.BootedKernel;
import org.hmm4j.impl.mm.MmCache;
import org.hmm4j.impl.notifier.NotifierCore;
import org.hmm4j.impl.range.HmmCore;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.KernelProvider;
import org.hmm4j.mm.MmAllocator;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;

/** Puts a kernel together, layer upon layer. Found by {@link java.util.ServiceLoader}. */
public final class Engine implements KernelProvider {

  /** For the service loader. */
  public Engine() {}

  @Override
  public Kernel boot(KernelOptions options) {
    BootedKernel kernel = new BootedKernel(options);
    NotifierCore notifiers = new NotifierCore(kernel, options.notifierProfile());
    kernel.install(MmAllocator.class, new MmCache(kernel));
    kernel.install(MmuNotifiers.class, notifiers);
    kernel.install(Hmm.class, new HmmCore(kernel, notifiers));
    kernel.install(Devmem.class, new DevmemCore(kernel, notifiers));
    return kernel;
  }
}

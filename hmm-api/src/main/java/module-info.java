// SPDX-License-Identifier: Apache-2.0

/**
 * The contract of hmm4j: what a driver author and an address-space author program against.
 *
 * <p>Read the packages in the order of their layers; each uses only those before it: {@link
 * org.hmm4j.machine machine}, {@link org.hmm4j.trace trace}, {@link org.hmm4j.kernel kernel},
 * {@link org.hmm4j.mm mm}, {@link org.hmm4j.notifier notifier}, {@link org.hmm4j.range range},
 * {@link org.hmm4j.devmem devmem}. The engine behind it is found with {@link
 * java.util.ServiceLoader}; {@link org.hmm4j.kernel.Kernel#boot()} is the entry point.
 */
module org.hmm4j.api {
  exports org.hmm4j.machine;
  exports org.hmm4j.trace;
  exports org.hmm4j.kernel;
  exports org.hmm4j.mm;
  exports org.hmm4j.notifier;
  exports org.hmm4j.range;
  exports org.hmm4j.devmem;

  uses org.hmm4j.kernel.KernelProvider;
  uses org.hmm4j.trace.TraceProvider;
}

// SPDX-License-Identifier: Apache-2.0

/**
 * The engine. Exports nothing to the public: drivers and address spaces program against {@code
 * org.hmm4j.api} and get the engine from {@link java.util.ServiceLoader}.
 */
module org.hmm4j.impl {
  requires transitive org.hmm4j.api;
  requires org.jctools.core;
  requires org.slf4j;

  provides org.hmm4j.kernel.KernelProvider with
      org.hmm4j.impl.Engine;
  provides org.hmm4j.trace.TraceProvider with
      org.hmm4j.impl.trace.TraceSinks;
}

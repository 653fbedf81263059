// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.trace;

import java.util.ServiceLoader;

/**
 * What an engine publishes for {@link ServiceLoader}. Users call {@link TraceRing#ofCapacity} and
 * {@link TraceSink#toLog}.
 */
public interface TraceProvider {

  /**
   * Makes a ring.
   *
   * @param capacity as {@link TraceRing#ofCapacity} takes it
   * @return an empty ring
   */
  TraceRing ring(int capacity);

  /**
   * Makes a bridge to the log.
   *
   * @return the sink
   */
  TraceSink log();

  /**
   * Finds the provider of the engine.
   *
   * @return the provider
   * @throws IllegalStateException if no engine is on the path
   */
  static TraceProvider find() {
    return ServiceLoader.load(TraceProvider.class, TraceProvider.class.getClassLoader())
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no engine found: is hmm-impl on the path?"));
  }
}

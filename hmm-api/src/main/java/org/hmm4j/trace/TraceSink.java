// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.trace;

/**
 * Is told what happens in a kernel. Called in the task that does it, in whatever context it is,
 * also with spin locks held, and from several tasks at once: a sink does not sleep, does not use
 * the kernel and does not throw.
 */
@FunctionalInterface
public interface TraceSink {

  /**
   * Takes an event.
   *
   * @param event what happened
   */
  void accept(TraceEvent event);

  /**
   * Makes a sink that writes each event to the SLF4J logger {@code org.hmm4j.trace}, at level
   * trace.
   *
   * @return the sink
   * @throws IllegalStateException if no engine is on the path
   */
  static TraceSink toLog() {
    return TraceProvider.find().log();
  }
}

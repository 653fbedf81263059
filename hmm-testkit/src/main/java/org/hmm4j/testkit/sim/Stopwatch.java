// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/** Real time, for statistics only: no decision depends on it. */
final class Stopwatch {

  private final long start = System.nanoTime();

  long nanos() {
    return System.nanoTime() - start;
  }
}

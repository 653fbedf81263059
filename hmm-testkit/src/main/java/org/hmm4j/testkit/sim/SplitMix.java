// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * The generator SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
 * OOPSLA 2014). Our own ten lines, because a seed has to mean the same on every JDK.
 */
final class SplitMix {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /** Starts the stream that a seed has for an index. */
  void seed(long seed, long index) {
    state = mix(seed + GOLDEN_GAMMA * (index + 1));
  }

  long next() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /** Returns a number from 0 to bound - 1; the bias is below bound / 2^32. */
  int below(int bound) {
    return (int) ((next() >>> 32) * bound >>> 32);
  }

  static long mix(long value) {
    long z = value;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

/**
 * A part of a hunt.
 *
 * @param seed what the choices depended on
 * @param shard which of the schedules were run
 */
record HuntPart(long seed, Shard shard) {

  @Override
  public String toString() {
    return "shard %s of seed %d".formatted(shard, seed);
  }
}

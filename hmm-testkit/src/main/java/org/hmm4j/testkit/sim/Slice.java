// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * The schedules of a search: {@code first}, {@code first + step}, and so on below {@code end}.
 *
 * @param first the first index, 0 or more
 * @param step the distance, 1 or more
 * @param end after the last
 */
record Slice(long first, int step, long end) {}

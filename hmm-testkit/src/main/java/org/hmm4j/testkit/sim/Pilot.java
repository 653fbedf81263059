// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

/**
 * How long one schedule was.
 *
 * @param steps the steps of all tasks, 0 or more
 * @param stepsByTask the steps of each task, by its number
 */
public record Pilot(int steps, int[] stepsByTask) {}

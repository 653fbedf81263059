// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.record;

import java.util.OptionalInt;

/**
 * A sleep that ended.
 *
 * @param step in which step
 * @param by who ended it; empty if its time had come
 * @param task who slept
 */
public record WakeUp(int step, OptionalInt by, int task) {}

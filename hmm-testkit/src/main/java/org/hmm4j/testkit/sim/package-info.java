// SPDX-License-Identifier: Apache-2.0

/**
 * The deterministic machine: one task at a time, a scheduler that chooses at every step, failures
 * that replay.
 */
package org.hmm4j.testkit.sim;

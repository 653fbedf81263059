// SPDX-License-Identifier: Apache-2.0

/**
 * Device drivers over HMM.
 *
 * <p>{@link org.hmm4j.testkit.driver.Dmirror} is the kernel's HMM test driver, lib/test_hmm.c of
 * Linux 6.1. It comes twice: {@link org.hmm4j.testkit.driver.IntervalDmirror} is written against
 * the interval API, {@link org.hmm4j.testkit.driver.MirrorDmirror} against the mirror API of 5.3.
 * Both are examples of how a driver is written, and give the same answers.
 */
package org.hmm4j.testkit.driver;

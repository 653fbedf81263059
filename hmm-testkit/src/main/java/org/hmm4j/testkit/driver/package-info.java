// SPDX-License-Identifier: Apache-2.0

/**
 * Device drivers over HMM.
 *
 * <p>{@link org.hmm4j.testkit.driver.Dmirror} is the kernel's HMM test driver, lib/test_hmm.c of
 * Linux 6.1. It comes twice: {@link org.hmm4j.testkit.driver.IntervalDmirror} is written against
 * the interval API, {@link org.hmm4j.testkit.driver.MirrorDmirror} against the mirror API of 5.3.
 * Both are examples of how a driver is written, and give the same answers. {@link
 * org.hmm4j.testkit.driver.DmirrorDevice} is the device with its memory, private or coherent.
 *
 * <p>{@link org.hmm4j.testkit.driver.NouveauSvm} is the first real user of the mirror API, nouveau
 * of v5.3, with its wrapper {@link org.hmm4j.testkit.driver.NouveauRanges} around registration and
 * fault, whose point is who holds the mmap lock afterwards.
 */
package org.hmm4j.testkit.driver;

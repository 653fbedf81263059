// SPDX-License-Identifier: Apache-2.0

/**
 * The range layer: HMM itself. A device driver asks what the CPU page tables say of a range of
 * addresses, faults in what is missing, and learns whether the answer still holds.
 *
 * <p>Two front doors over one page walk. The <b>interval API</b> (Linux 5.5 and later): {@link
 * org.hmm4j.range.Hmm#rangeFault} with an {@link org.hmm4j.notifier.MmuIntervalNotifier}. The
 * <b>mirror API</b> (Linux 5.3): an {@link org.hmm4j.range.HmmMirror} with its {@link
 * org.hmm4j.range.HmmMirrorOps}, and an {@link org.hmm4j.range.HmmRange} registered with it.
 * Requests and answers are in the format of {@link org.hmm4j.range.HmmPfn} in both. A device on a
 * bus implements {@link org.hmm4j.range.DmaDevice} and lets the mirror API map a whole range.
 *
 * <p>The mirror API keeps a hole that it had in the kernel: an invalidation that begins
 * <em>and</em> ends between the fault and the check of {@link org.hmm4j.range.HmmRange#valid()} is
 * not seen. The sequence number of the interval API closes it; new drivers use that.
 *
 * <p>Mirrors mm/hmm.c and include/linux/hmm.h.
 */
package org.hmm4j.range;

// SPDX-License-Identifier: Apache-2.0

/**
 * HMM: mm/hmm.c.
 *
 * <p>The walk, shared by both front doors, reads from the outside in: {@link
 * org.hmm4j.impl.range.RangeWalk} repeats a walk until nothing had to be faulted in, {@link
 * org.hmm4j.impl.range.HmmVmaWalk} goes over VMAs and tables, {@link org.hmm4j.impl.range.PteWalk}
 * over the entries of one leaf table, {@link org.hmm4j.impl.range.Requests} knows what is asked for
 * and takes the answers, {@link org.hmm4j.impl.range.BlockFault} faults in what is missing.
 *
 * <p>{@link org.hmm4j.impl.range.HmmCore} is the door and serves the interval API. The mirror API
 * of 5.3 is {@link org.hmm4j.impl.range.Mirror} on the driver's side, {@link
 * org.hmm4j.impl.range.MirroredMm}, the {@code struct hmm} of an mm, and {@link
 * org.hmm4j.impl.range.TrackedRanges} with the validity of its ranges, and {@link
 * org.hmm4j.impl.range.DmaMapping} for devices on a bus.
 */
package org.hmm4j.impl.range;

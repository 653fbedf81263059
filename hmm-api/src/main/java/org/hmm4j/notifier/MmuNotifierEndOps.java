// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.notifier;

/**
 * The callbacks of a list notifier that also wants the ends: {@code invalidate_range_end} of {@code
 * struct mmu_notifier_ops}, Linux 6.1.
 *
 * <p>Its start must not fail: when another notifier fails a non-blockable start, the end of every
 * notifier of this kind is called inside the failing start (since 5.13, commit c2655835fd8c), and a
 * notifier can't know whether it was its own start that failed. With {@link
 * org.hmm4j.kernel.NotifierProfile#V5_3} it may fail, and then has to undo itself: no end follows,
 * neither for it nor for those whose start succeeded.
 */
public interface MmuNotifierEndOps extends MmuNotifierOps {

  /**
   * The change that the start announced is done. Pairs exactly with the starts. Context as the
   * start.
   *
   * @param subscription the notifier
   * @param range what changed, as given to the start
   */
  void invalidateRangeEnd(MmuNotifier subscription, MmuNotifierRange range);
}

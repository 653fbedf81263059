// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.mm;

/**
 * What {@code mm->notifier_subscriptions} points to. The notifier layer implements it; an mm only
 * tells it of its end.
 */
public interface NotifierSubscriptions {

  /** The last user has gone and nothing is unmapped yet: {@code mmu_notifier_release}. */
  void release();

  /** The mm is about to be freed: {@code mmu_notifier_subscriptions_destroy}. */
  void destroy();
}

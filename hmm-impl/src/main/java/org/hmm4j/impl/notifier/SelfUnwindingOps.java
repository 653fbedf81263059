// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import org.hmm4j.notifier.MmuNotifierEndOps;

/**
 * Callbacks written for the core of Linux 5.3, where a start that fails has undone itself and gets
 * no end. The core of 6.1 would warn of a failing start beside an end method, and call that end all
 * the same; for these it does neither. Only {@code struct hmm} is of this kind. It makes no
 * difference under {@link NobodyIsEnded}, where all are of this kind.
 */
public interface SelfUnwindingOps extends MmuNotifierEndOps {}

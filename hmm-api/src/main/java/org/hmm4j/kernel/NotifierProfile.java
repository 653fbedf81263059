// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

/**
 * Which generation of the notifier core a kernel has, mm/mmu_notifier.c. They differ in what
 * becomes of a non-blockable start that a list notifier fails. In all of them every list notifier
 * is called, also after one has failed, the last error is the answer, and the caller does not call
 * the end.
 */
public enum NotifierProfile {
  /**
   * Linux 5.2 to 5.12: nobody gets an end. A notifier that fails a start has undone itself; one
   * whose own start succeeded is left with a start that never ends, which was a bug of these
   * kernels.
   */
  V5_3,

  /**
   * Linux 5.13 and later, commit c2655835fd8c: every notifier that wants the ends gets one within
   * the failing start, also one that failed itself. So a start that may fail must not come with an
   * end: a warning.
   */
  V6_1
}

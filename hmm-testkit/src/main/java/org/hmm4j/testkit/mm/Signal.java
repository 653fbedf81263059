// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

/** What a CPU access raised: {@code do_user_addr_fault}, arch/x86/mm/fault.c, Linux 6.1. */
public enum Signal {
  /** Nothing: the access was made. */
  NONE,
  /** No mapping there, or one without the right. */
  SIGSEGV,
  /** The object behind the mapping has no such page, or the page has a memory error. */
  SIGBUS,
  /**
   * No memory. Linux lets the CPU repeat the access until the OOM killer has found a victim; here
   * the victim is always the one who asked.
   */
  SIGKILL
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.selftest;

import java.util.List;
import java.util.Map;

/** The names of the kernel's self-tests, and why some have no test here. */
final class Cards {

  static final List<String> NAMES =
      List.of(
          "open_close",
          "anon_read",
          "anon_read_prot",
          "anon_write",
          "anon_write_prot",
          "anon_write_child",
          "anon_write_child_shared",
          "anon_write_huge",
          "anon_write_hugetlbfs",
          "file_read",
          "file_write",
          "migrate",
          "migrate_file_private",
          "migrate_fault",
          "migrate_release",
          "migrate_shared",
          "migrate_mixed",
          "migrate_multiple",
          "anon_read_multiple",
          "anon_teardown",
          "mixedmap",
          "snapshot",
          "compound",
          "double_map",
          "exclusive",
          "exclusive_mprotect",
          "exclusive_cow",
          "hmm_gup_test",
          "hmm_cow_in_device",
          "migrate_anon_huge_empty",
          "migrate_anon_huge_zero",
          "migrate_anon_huge_free",
          "migrate_anon_huge_fault",
          "migrate_partial_unmap_fault",
          "migrate_remap_fault",
          "migrate_anon_huge_err",
          "migrate_anon_huge_zero_err",
          "benchmark_thp_migration",
          "userfaultfd_read");

  /** Cards without a test, all from kernels later than 6.1. */
  static final Map<String, String> NOT_RUN =
      Map.of(
          "migrate_anon_huge_free",
          "later than 6.1: huge pages in device memory; the fake mm has no MADV_FREE",
          "migrate_anon_huge_err",
          "later than 6.1: the device's FLAGS command with FAIL_ALLOC",
          "migrate_anon_huge_zero_err",
          "later than 6.1: the device's FLAGS command with FAIL_ALLOC",
          "benchmark_thp_migration",
          "later than 6.1: measures huge pages in device memory, and asserts no more than migrate",
          "userfaultfd_read",
          "later than 6.1: READ_UNLOCKED needs hmm_range_fault_unlocked_timeout");

  /** What a test leaves out of its card, because it came after 6.1. */
  static final Map<String, String> WITHOUT =
      Map.of(
          "migrate_anon_huge_empty", "moves as small pages, as in 6.1",
          "migrate_anon_huge_zero", "moves as small pages, as in 6.1",
          "migrate_anon_huge_fault", "moves as small pages, as in 6.1",
          "migrate_partial_unmap_fault", "moves as small pages, as in 6.1",
          "migrate_remap_fault",
              "moves as small pages, as in 6.1, and not at all once mremap has split its entry;"
                  + " without MREMAP_DONTUNMAP, which the fake mm has not");

  private Cards() {}
}

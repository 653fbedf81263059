// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

/**
 * The bits of {@link Vma#flags()}: {@code VM_*} of include/linux/mm.h, Linux 6.1, those that the
 * engine and a fault handler tell apart.
 */
public final class VmFlags {

  /** Pages may be read. */
  public static final long READ = 0x1;

  /** Pages may be written. */
  public static final long WRITE = 0x2;

  /** Pages may be executed. */
  public static final long EXEC = 0x4;

  /** Writes are seen by all who map the object; without it they are copied: {@code VM_SHARED}. */
  public static final long SHARED = 0x8;

  /** mprotect may set {@link #READ}. */
  public static final long MAYREAD = 0x10;

  /** mprotect may set {@link #WRITE}. */
  public static final long MAYWRITE = 0x20;

  /** mprotect may set {@link #EXEC}. */
  public static final long MAYEXEC = 0x40;

  /** Raw page frames without struct page: {@code VM_PFNMAP}. */
  public static final long PFNMAP = 0x400;

  /** Memory-mapped I/O: {@code VM_IO}. */
  public static final long IO = 0x4000;

  /** Counts against the commit limit; VMAs that differ in it do not merge: {@code VM_ACCOUNT}. */
  public static final long ACCOUNT = 0x100000;

  /** Never counts against the commit limit, as the process asked for: {@code VM_NORESERVE}. */
  public static final long NORESERVE = 0x200000;

  /** Huge pages of hugetlbfs: {@code VM_HUGETLB}. */
  public static final long HUGETLB = 0x400000;

  /** Both raw frames and pages: {@code VM_MIXEDMAP}. */
  public static final long MIXEDMAP = 0x10000000;

  /** Huge pages were asked for: {@code VM_HUGEPAGE}. */
  public static final long HUGEPAGE = 0x20000000;

  /** Huge pages were refused: {@code VM_NOHUGEPAGE}. */
  public static final long NOHUGEPAGE = 0x40000000;

  private VmFlags() {}
}

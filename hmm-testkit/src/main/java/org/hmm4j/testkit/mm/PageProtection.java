// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;

/**
 * The rights that a VMA gives to a new entry: {@code vm_page_prot}, {@code vm_get_page_prot} of
 * arch/x86/mm/pgprot.c, Linux 6.1.
 */
final class PageProtection {

  /** The bits of an entry that belong to the rights. */
  static final long BITS = Pte.WRITE | Pte.PROTNONE;

  private PageProtection() {}

  /**
   * Returns the rights: private memory begins read-only, so that the first write is seen; shared
   * memory on tmpfs does not, as nobody wants to know of it ({@code vma_wants_writenotify},
   * mm/mmap.c).
   */
  static long of(FakeVma vma) {
    if (!vma.isAccessible()) {
      return Pte.PROTNONE;
    }
    return vma.isShared() && vma.isWritable() ? Pte.WRITE : 0;
  }

  /** Makes an entry for a page: {@code mk_pte(page, vma->vm_page_prot)}. */
  static long entry(Page page, FakeVma vma) {
    return Pte.present(page.pfn(), of(vma));
  }

  /** {@code maybe_mkwrite(pte_mkdirty(entry), vma)}, include/linux/mm.h. */
  static long written(long entry, FakeVma vma) {
    return entry | Pte.DIRTY | (vma.isWritable() ? Pte.WRITE : 0);
  }
}

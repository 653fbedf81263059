// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;

/**
 * Faults on empty entries of private anonymous memory: {@code do_anonymous_page}, mm/memory.c,
 * Linux 6.1. Context: mmap lock held for read.
 */
final class AnonymousFaults {

  private final MmContext context;
  private final AnonVmaPreparation preparation;

  AnonymousFaults(MmContext context, AnonVmaPreparation preparation) {
    this.context = context;
    this.preparation = preparation;
  }

  /** Maps the zero page for a read, a new zeroed page for a write. */
  int serve(FakeVma vma, long page, boolean write) {
    if (!write) {
      long flags = Pte.SPECIAL | Pte.ZERO | PageProtection.of(vma);
      long entry = Pte.present(context.memory().zeroPfn(), flags);
      return context.finishFault(vma, page, entry, null, false);
    }
    preparation.prepare(vma);
    Page fresh = context.memory().allocatePage();
    if (fresh == null) {
      return VmFault.OOM;
    }
    long entry = PageProtection.entry(fresh, vma);
    if (vma.isWritable()) {
      entry = PageProtection.written(entry, vma);
    }
    return context.finishFault(vma, page, entry, fresh, true);
  }
}

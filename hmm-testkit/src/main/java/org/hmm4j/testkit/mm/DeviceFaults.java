// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;

/**
 * Mappings of device memory as a driver makes them: {@code remap_pfn_range}, {@code
 * vmf_insert_pfn}, {@code vmf_insert_mixed}, {@code vm_insert_page}, mm/memory.c, Linux 6.1.
 */
final class DeviceFaults {

  private final MmContext context;

  DeviceFaults(MmContext context) {
    this.context = context;
  }

  /**
   * Maps a whole VMA at once, as {@code mmap} of a driver does that has no fault handler. Context:
   * mmap lock held for write.
   */
  void mapAll(FakeVma vma) {
    for (long at = vma.start(); at < vma.end(); at += context.geometry().pageSize()) {
      mapRaw(vma, at, (int) vma.pageOffset(at));
    }
  }

  /** The fault handler of a driver. Context: mmap lock held for read. */
  int serve(FakeVma vma, long address) {
    long index = vma.pageOffset(address);
    DeviceMemory device = vma.device();
    if ((vma.flags() & VmFlags.IO) != 0 || index >= device.pages()) {
      return VmFault.SIGBUS;
    }
    Page page = (vma.flags() & VmFlags.MIXEDMAP) == 0 ? null : device.backing((int) index);
    if (page == null) {
      mapRaw(vma, address, (int) index);
    } else {
      page.get();
      context.fillEmpty(vma, address, PageProtection.entry(page, vma), page, false);
    }
    return 0;
  }

  private void mapRaw(FakeVma vma, long address, int index) {
    long flags = Pte.SPECIAL | PageProtection.of(vma);
    context.fillEmpty(vma, address, Pte.present(vma.device().pfn(index), flags), null, false);
  }
}

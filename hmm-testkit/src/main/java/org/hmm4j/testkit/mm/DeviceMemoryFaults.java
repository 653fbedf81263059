// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.devmem.DeviceFault;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * CPU accesses to pages that a device has: the branches of {@code do_swap_page} for device-private
 * and device-exclusive entries, mm/memory.c, Linux 6.1. Context: mmap lock held for read.
 */
final class DeviceMemoryFaults {

  private final MmContext context;
  private final SwapFaults swapFaults;

  DeviceMemoryFaults(MmContext context, SwapFaults swapFaults) {
    this.context = context;
    this.swapFaults = swapFaults;
  }

  /** The driver has to move the page back, which has a reference meanwhile. */
  int servePrivate(FakeVma vma, long address, LeafTable leaf, long entry) {
    Page page = referTo(address, leaf, entry);
    if (page == null) {
      return 0;
    }
    try {
      DeviceFault fault = new DeviceFault(context.mm(), vma, address, page.pfn());
      return page.pagemap().ops().migrateToRam().migrateToRam(fault);
    } finally {
      context.memory().put(page);
    }
  }

  /** Returns null if another task changed the entry. */
  private Page referTo(long address, LeafTable leaf, long entry) {
    leaf.lock().lock();
    try {
      if (leaf.get(context.geometry().pteIndex(address)) != entry) {
        return null;
      }
      Page page = context.memory().page(Pte.pfn(entry));
      page.get();
      return page;
    } finally {
      leaf.lock().unlock();
    }
  }

  /**
   * {@code remove_device_exclusive_entry}: all devices are told, also the one that has the page.
   * The page may be free by now; then the entry has gone, too.
   */
  int serveExclusive(FakeVma vma, long address, LeafTable leaf, long entry, int flags) {
    Page page = context.memory().page(Pte.pfn(entry));
    if (!page.tryGet()) {
      return 0;
    }
    try {
      if (!swapFaults.lockOrRetry(page, flags)) {
        return VmFault.RETRY;
      }
      try {
        revoke(vma, address, leaf, entry, page);
      } finally {
        context.memory().unlockPage(page);
      }
      return 0;
    } finally {
      context.memory().put(page);
    }
  }

  private void revoke(FakeVma vma, long address, LeafTable leaf, long entry, Page page) {
    int index = context.geometry().pteIndex(address);
    long end = address + context.geometry().pageSize();
    MmuNotifierRange range =
        context.invalidateStart(MmuNotifierEvent.EXCLUSIVE, address, end, null);
    try {
      leaf.lock().lock();
      if (leaf.get(index) == entry) {
        ExclusiveEntries.restore(vma, address, leaf, index, page);
      }
      leaf.lock().unlock();
    } finally {
      context.invalidateEnd(range);
    }
  }
}

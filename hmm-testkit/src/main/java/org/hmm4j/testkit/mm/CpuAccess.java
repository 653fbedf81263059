// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;

/**
 * Loads and stores of the CPU: {@code do_user_addr_fault}, arch/x86/mm/fault.c, Linux 6.1.
 *
 * <p>There is no TLB. An access reads the entry and touches the page under the lock of the leaf
 * table, which stands in for the flush that Linux waits for before a page is freed: no store is
 * lost in a page that was taken away.
 */
final class CpuAccess {

  private final MmContext context;
  private final PageFaults faults;

  CpuAccess(MmContext context, PageFaults faults) {
    this.context = context;
    this.faults = faults;
  }

  Signal store(long address, int value) {
    int word = wordIndex(address);
    while (true) {
      SpinLock lock = context.tables().lockEntry(address);
      if (lock != null) {
        try {
          if (storeLocked(address, word, value)) {
            return Signal.NONE;
          }
        } finally {
          lock.unlock();
        }
      }
      Signal signal = fault(address, true);
      if (signal != Signal.NONE) {
        return signal;
      }
    }
  }

  CpuLoad load(long address) {
    int word = wordIndex(address);
    while (true) {
      SpinLock lock = context.tables().lockEntry(address);
      if (lock != null) {
        try {
          long entry = context.tables().pte(address);
          if (isAccessible(entry)) {
            return new CpuLoad(Signal.NONE, context.memory().readWord(Pte.pfn(entry), word));
          }
        } finally {
          lock.unlock();
        }
      }
      Signal signal = fault(address, false);
      if (signal != Signal.NONE) {
        return new CpuLoad(signal, 0);
      }
    }
  }

  private boolean storeLocked(long address, int word, int value) {
    long entry = context.tables().pte(address);
    if (!isAccessible(entry) || !Pte.isWritable(entry)) {
      return false;
    }
    context.tables().makeDirty(address);
    context.memory().writeWord(Pte.pfn(entry), word, value);
    return true;
  }

  private static boolean isAccessible(long entry) {
    return Pte.isPresent(entry) && (entry & Pte.PROTNONE) == 0;
  }

  private int wordIndex(long address) {
    long offset = address & (context.geometry().pageSize() - 1);
    if (offset % Integer.BYTES != 0 || offset / Integer.BYTES >= context.memory().wordsPerPage()) {
      throw new IllegalArgumentException(
          "0x%x is no word that is kept: the memory has the first %d of each page"
              .formatted(address, context.memory().wordsPerPage()));
    }
    return (int) offset / Integer.BYTES;
  }

  /**
   * Serves a page fault, in a second round with the mmap lock taken anew if the first dropped it.
   * NONE says that the access is worth another try.
   */
  private Signal fault(long address, boolean write) {
    if (context.mm().mmUsers() == 0) {
      throw new KernelBug(Rule.MM_GONE, "CPU access of a process that has exited");
    }
    int flags = FaultFlags.USER | FaultFlags.ALLOW_RETRY | FaultFlags.KILLABLE;
    if (write) {
      flags |= FaultFlags.WRITE;
    }
    int result = serve(address, flags);
    while ((result & VmFault.RETRY) != 0) {
      result = serve(address, flags | FaultFlags.TRIED);
    }
    return signal(result);
  }

  /** One round: returns bits of {@link VmFault}, with the mmap lock not held any more. */
  private int serve(long address, int flags) {
    boolean write = (flags & FaultFlags.WRITE) != 0;
    boolean dropped = false;
    context.mmapLock().readLock();
    try {
      FakeVma vma = context.vmas().lookup(address);
      if (vma == null || !(write ? vma.isWritable() : vma.isAccessible())) {
        return VmFault.SIGSEGV;
      }
      int result = faults.handle(vma, address, flags);
      dropped = (result & (VmFault.RETRY | VmFault.COMPLETED)) != 0;
      return result;
    } finally {
      if (!dropped) {
        context.mmapLock().readUnlock();
      }
    }
  }

  /** {@code mm_fault_error}, and what of the errors counts first. */
  private static Signal signal(int result) {
    if ((result & VmFault.OOM) != 0) {
      return Signal.SIGKILL;
    } else if ((result & (VmFault.SIGBUS | VmFault.HWPOISON)) != 0) {
      return Signal.SIGBUS;
    }
    return (result & VmFault.SIGSEGV) != 0 ? Signal.SIGSEGV : Signal.NONE;
  }
}

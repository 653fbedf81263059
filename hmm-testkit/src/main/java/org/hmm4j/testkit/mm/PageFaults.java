// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.Objects;
import java.util.function.LongPredicate;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFault;

/**
 * The fault handler: {@code handle_mm_fault}, {@code handle_pte_fault}, mm/memory.c, Linux 6.1.
 * Context: mmap lock held for read; faults run in parallel and look again at the entry under the
 * lock of its table before they change it.
 */
final class PageFaults {

  /** What an interceptor may answer. */
  private static final int INTERCEPTED = VmFault.ERROR | VmFault.RETRY | FaultInterceptor.AGAIN;

  private final MmContext context;
  private final AnonymousFaults anonymousFaults;
  private final FileFaults fileFaults;
  private final CopyOnWrite copyOnWrite;
  private final DeviceFaults deviceFaults;
  private final SwapFaults swapFaults;
  private final DeviceMemoryFaults deviceMemoryFaults;
  private final NumaFaults numaFaults;
  private final DaxFaults daxFaults;
  private final HugeFaults hugeFaults;
  private final HugetlbFaults hugetlbFaults;
  private volatile FaultInterceptor interceptor = FaultInterceptor.NONE;

  PageFaults(MmContext context, AnonVmaPreparation preparation, MigrationStart migration) {
    this.context = context;
    this.anonymousFaults = new AnonymousFaults(context, preparation);
    this.fileFaults = new FileFaults(context, preparation);
    this.copyOnWrite = new CopyOnWrite(context, preparation);
    this.deviceFaults = new DeviceFaults(context);
    this.swapFaults = new SwapFaults(context, copyOnWrite);
    this.deviceMemoryFaults = new DeviceMemoryFaults(context, swapFaults);
    this.numaFaults = new NumaFaults(context, migration);
    this.hugetlbFaults = new HugetlbFaults(context, preparation);
    this.daxFaults = new DaxFaults(context);
    this.hugeFaults = new HugeFaults(context, preparation, numaFaults, daxFaults);
  }

  void intercept(FaultInterceptor interceptor) {
    this.interceptor = Objects.requireNonNull(interceptor, "interceptor");
  }

  void misplaced(LongPredicate misplaced) {
    numaFaults.misplaced(misplaced);
  }

  /**
   * Returns bits of {@link VmFault}; after RETRY the mmap lock was dropped, unless the flags have
   * {@link FaultFlags#RETRY_NOWAIT}.
   */
  int handle(FakeVma vma, long address, int flags) {
    context.mmapLock().assertHeld();
    context.kernel().context().mightSleep();
    int answer = interceptor.beforeFault(vma, address, flags);
    if ((answer & ~INTERCEPTED) != 0) {
      throw new IllegalArgumentException(
          "an interceptor answers error bits, RETRY or AGAIN, got 0x"
              + Integer.toHexString(answer));
    }
    if ((answer & VmFault.ERROR) != 0) {
      return answer & VmFault.ERROR;
    }
    if ((answer & FaultInterceptor.AGAIN) != 0) {
      return 0;
    }
    if (answer != 0 && FaultFlags.allowRetryFirst(flags)) {
      if ((flags & FaultFlags.RETRY_NOWAIT) == 0) {
        context.mmapLock().readUnlock();
      }
      return VmFault.RETRY;
    }
    // sanitize_fault_flags: other memory is never copied.
    return serve(
        vma, context.pageStart(address), vma.isCow() ? flags : flags & ~FaultFlags.UNSHARE);
  }

  /** {@code __handle_mm_fault}, {@code handle_pte_fault}. */
  private int serve(FakeVma vma, long page, int flags) {
    if (vma.hugetlb() != null) {
      return hugetlbFaults.serve(vma, page, flags);
    }
    boolean write = (flags & FaultFlags.WRITE) != 0;
    int result = daxFaults.servePud(vma, page, flags);
    if (result == HugeFaults.FALLBACK) {
      context.tables().allocateUpper(page);
      result = hugeFaults.serve(vma, page, flags);
    }
    if (result != HugeFaults.FALLBACK) {
      return result;
    }
    PmdSlot pmd = context.tables().pmdSlot(page);
    LeafTable leaf = pmd.leaf();
    if (leaf == null && pmd.isHuge()) {
      // Another task was first: pmd_devmap_trans_unstable.
      return 0;
    }
    int index = context.geometry().pteIndex(page);
    long entry = leaf == null ? Pte.NONE : leaf.get(index);
    if (entry == Pte.NONE) {
      return serveEmpty(vma, page, write);
    } else if (!Pte.isPresent(entry)) {
      return serveNotPresent(vma, page, leaf, entry, flags);
    } else if ((entry & Pte.PROTNONE) != 0 && vma.isAccessible()) {
      return numaFaults.serve(vma, page, leaf, entry);
    } else if ((flags & (FaultFlags.WRITE | FaultFlags.UNSHARE)) != 0 && !Pte.isWritable(entry)) {
      return copyOnWrite.serve(vma, page, leaf, entry, flags);
    }
    return touch(leaf, index, entry, write);
  }

  private int serveEmpty(FakeVma vma, long page, boolean write) {
    if (vma.isAnonymous()) {
      return anonymousFaults.serve(vma, page, write);
    }
    return vma.device() != null
        ? deviceFaults.serve(vma, page)
        : fileFaults.serve(vma, page, write);
  }

  /** {@code do_swap_page}: also the entries that refer to no swap area. */
  private int serveNotPresent(FakeVma vma, long page, LeafTable leaf, long entry, int flags) {
    long kind = Pte.kind(entry);
    if (kind == Pte.SWAP) {
      return swapFaults.serve(vma, page, leaf, entry, flags);
    }
    if (kind == Pte.MIGRATION) {
      context.tables().migrationEntryWait(page);
      return 0;
    }
    if (kind == Pte.DEVICE_PRIVATE) {
      return deviceMemoryFaults.servePrivate(vma, page, leaf, entry);
    }
    if (kind == Pte.DEVICE_EXCLUSIVE) {
      return deviceMemoryFaults.serveExclusive(vma, page, leaf, entry, flags);
    }
    return kind == Pte.HWPOISON ? VmFault.HWPOISON : VmFault.SIGBUS;
  }

  /** Another task was first, or the rights were there already. */
  private static int touch(LeafTable leaf, int index, long entry, boolean write) {
    if (write) {
      leaf.lock().lock();
      try {
        if (leaf.get(index) == entry) {
          leaf.set(index, entry | Pte.DIRTY);
        }
      } finally {
        leaf.lock().unlock();
      }
    }
    return 0;
  }
}

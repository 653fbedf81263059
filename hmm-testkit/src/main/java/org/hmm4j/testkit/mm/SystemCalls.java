// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.Objects;
import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.mm.VmFlags;

/** The system calls: check the arguments, take the mmap lock, call the part that does the work. */
final class SystemCalls {

  private static final long MAY_FLAGS = VmFlags.MAYREAD | VmFlags.MAYWRITE | VmFlags.MAYEXEC;

  private final MmContext context;
  private final VmaMerging merging;
  private final Unmapping unmapping;
  private final ProtectionChange protectionChange;
  private final Moving moving;
  private final Advice advice;

  SystemCalls(
      MmContext context,
      VmaMerging merging,
      Unmapping unmapping,
      ProtectionChange protectionChange) {
    this.context = context;
    this.merging = merging;
    this.unmapping = unmapping;
    this.protectionChange = protectionChange;
    this.moving = new Moving(context, merging, unmapping);
    this.advice = new Advice(context, merging, unmapping);
  }

  /** {@code do_mmap}, {@code get_unmapped_area}, mm/mmap.c. */
  Errno mmap(long start, long length, Prot prot, Mapping mapping) {
    Objects.requireNonNull(prot, "prot");
    Objects.requireNonNull(mapping, "mapping");
    if (mapping.file() != null && mapping.file().memory() != context.memory()) {
      throw new IllegalArgumentException("the file lies in another memory");
    }
    if (mapping.device() != null && mapping.device().memory() != context.memory()) {
      throw new IllegalArgumentException("the device lies beside another memory");
    }
    long size = mapping.isHugetlb() ? context.hugeAlign(length) : context.pageAlign(length);
    if (length == 0) {
      return Errno.EINVAL;
    } else if (size == 0) {
      return Errno.ENOMEM;
    } else if (mapping.firstPage() + context.pageNumber(size) < 0) {
      return Errno.EOVERFLOW;
    } else if (!isWithinTask(start, size)) {
      return Errno.ENOMEM;
    } else if (!context.geometry().isPageAligned(start)
        || (mapping.isHugetlb() && !context.isHugeAligned(start))) {
      return Errno.EINVAL;
    }
    return locked(() -> mmapRegion(start, size, prot, mapping));
  }

  private boolean isWithinTask(long start, long size) {
    long taskSize = context.geometry().taskSize();
    return Long.compareUnsigned(size, taskSize) <= 0
        && Long.compareUnsigned(start, taskSize - size) <= 0;
  }

  /** {@code mmap_region}, mm/mmap.c: ENOMEM whatever kept the range from being unmapped. */
  private Errno mmapRegion(long start, long size, Prot prot, Mapping mapping) {
    FakeFile object = object(mapping, context.pageNumber(size));
    try {
      if (unmapping.munmap(start, size, false) != Errno.OK) {
        return Errno.ENOMEM;
      }
      if (mapping.isHugetlb()) {
        return mapHugetlb(start, size, prot, mapping);
      }
      FakeVma vma = vma(start, size, prot, mapping, object);
      if (vma.isDax()
          && !(context.isDaxAligned(vma, start) && context.isDaxAligned(vma, vma.end()))) {
        // check_vma, drivers/dax/device.c
        return Errno.EINVAL;
      }
      return mapping.isMappedAtOnce() ? insertMapped(vma) : insert(vma);
    } finally {
      if (object != null) {
        object.put();
      }
    }
  }

  /** {@code hugetlbfs_file_mmap}, fs/hugetlbfs/inode.c. */
  private Errno mapHugetlb(long start, long size, Prot prot, Mapping mapping) {
    int order = context.geometry().pmdOrder();
    int pages = (int) (context.pageNumber(size) >> order);
    HugetlbReserve reserve =
        (mapping.vmFlags() & VmFlags.NORESERVE) == 0
            ? HugetlbReserve.create(context.memory(), pages, order)
            : HugetlbReserve.none(context.memory(), order);
    if (reserve == null) {
      return Errno.ENOMEM;
    }
    try {
      long flags = prot.vmFlags() | MAY_FLAGS | mapping.vmFlags();
      int shift = context.geometry().pageShift();
      return insert(new FakeVma(start, start + size, flags, 0, null, null, reserve, null, shift));
    } finally {
      reserve.close(0, pages);
    }
  }

  private Errno insert(FakeVma vma) {
    merging.insert(vma);
    return Errno.OK;
  }

  /** {@code mmap} of a driver that maps everything at once: {@code vm_iomap_memory}. */
  private Errno insertMapped(FakeVma vma) {
    if (vma.endPageOffset() > vma.device().pages()) {
      return Errno.EINVAL;
    }
    merging.insert(vma);
    new DeviceFaults(context).mapAll(vma);
    return Errno.OK;
  }

  /** Returns what is mapped, with a reference: the file, or a new object for {@code MAP_SHARED}. */
  private FakeFile object(Mapping mapping, long pages) {
    FakeFile file = mapping.file();
    if (file != null) {
      file.get();
    } else if (mapping.shared() && mapping.device() == null) {
      file = FakeFile.create(context.memory(), pages);
    }
    return file;
  }

  private FakeVma vma(long start, long size, Prot prot, Mapping mapping, FakeFile object) {
    long flags = prot.vmFlags() | MAY_FLAGS | (mapping.shared() ? VmFlags.SHARED : 0);
    // accountable_mapping: private memory that can be written counts against the commit limit.
    boolean reserves = (mapping.vmFlags() & VmFlags.NORESERVE) == 0;
    if (reserves && prot == Prot.READ_WRITE && !mapping.shared()) {
      flags |= VmFlags.ACCOUNT;
    }
    flags |= mapping.vmFlags();
    DeviceMemory device = mapping.device();
    boolean anonymous = object == null && device == null;
    long pageOffset = anonymous ? context.pageNumber(start) : mapping.firstPage();
    int pageShift = context.geometry().pageShift();
    return new FakeVma(
        start, start + size, flags, pageOffset, object, device, null, null, pageShift);
  }

  /** {@code __vm_munmap}, mm/mmap.c. */
  Errno munmap(long start, long length) {
    return locked(() -> unmapping.munmap(start, length, true));
  }

  /** {@code do_mprotect_pkey}, mm/mprotect.c: the checks before the lock. */
  Errno mprotect(long start, long length, Prot prot) {
    Objects.requireNonNull(prot, "prot");
    if (!context.geometry().isPageAligned(start)) {
      return Errno.EINVAL;
    } else if (length == 0) {
      return Errno.OK;
    }
    long end = start + context.pageAlign(length);
    if (Long.compareUnsigned(end, start) <= 0) {
      return Errno.ENOMEM;
    }
    return locked(() -> protectionChange.mprotect(start, end, prot));
  }

  /** {@code mremap}, mm/mremap.c: the checks before the lock. */
  Errno mremap(long oldStart, long length, long newStart) {
    long size = context.pageAlign(length);
    if (!context.geometry().isPageAligned(oldStart) || size == 0) {
      return Errno.EINVAL;
    }
    return locked(() -> moving.mremap(oldStart, size, newStart));
  }

  /** Advice about a range of whole pages. */
  private interface RangeCall {
    Errno call(long start, long end);
  }

  /** {@code do_madvise}, mm/madvise.c: the checks before the lock. */
  private Errno madvise(long start, long length, RangeCall advice) {
    long size = context.pageAlign(length);
    long end = start + size;
    if (!context.geometry().isPageAligned(start)
        || (length != 0 && size == 0)
        || Long.compareUnsigned(end, start) < 0) {
      return Errno.EINVAL;
    } else if (end == start) {
      return Errno.OK;
    }
    return advice.call(start, end);
  }

  Errno madviseDontneed(long start, long length) {
    return madvise(start, length, this::dontneed);
  }

  private Errno dontneed(long start, long end) {
    checkAlive();
    context.mmapLock().readLock();
    try {
      return advice.dontneed(start, end);
    } finally {
      context.mmapLock().readUnlock();
    }
  }

  Errno madviseHugepage(long start, long length) {
    return madvise(start, length, (from, to) -> locked(() -> advice.hugepage(from, to)));
  }

  Errno madviseNohugepage(long start, long length) {
    return madvise(start, length, (from, to) -> locked(() -> advice.nohugepage(from, to)));
  }

  /** Runs with the mmap lock held for write, which may come back as held for read. */
  private Errno locked(Supplier<Errno> work) {
    checkAlive();
    RwSemaphore lock = context.mmapLock();
    lock.writeLock();
    try {
      return work.get();
    } finally {
      if (lock.isHeldWrite()) {
        lock.writeUnlock();
      } else {
        lock.readUnlock();
      }
    }
  }

  private void checkAlive() {
    if (context.mm().mmUsers() == 0) {
      throw new KernelBug(Rule.MM_GONE, "system call of a process that has exited");
    }
  }
}

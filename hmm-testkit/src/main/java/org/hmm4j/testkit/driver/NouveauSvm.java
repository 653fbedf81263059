// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.machine.Machine;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Vma;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.HmmUpdate;
import org.hmm4j.testkit.device.CopyEngine;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.testkit.mm.PhysicalMemory;

/**
 * A GPU that shares an address space, driven as nouveau did on the mirror API: {@code struct
 * nouveau_svmm}, drivers/gpu/drm/nouveau/nouveau_svm.c, v5.3. Locks in their order: mmap lock for
 * read, then {@code svmm->mutex}; the callback takes only the mutex.
 *
 * <p>Where nouveau was wrong, this driver is not. It takes the mmap lock again after {@link
 * NouveauRanges#fault} has released it. It gives up when an address range finds no rest for a
 * second. Its release stops the device. And it counts the invalidations that it was told of, under
 * the mutex, because the mirror API does not tell of one that begins and ends between the fault and
 * the check.
 */
public final class NouveauSvm implements AutoCloseable {

  /** What one fault covers at most: {@code ARRAY_SIZE(args.phys)}. */
  private static final int WINDOW_PAGES = 16;

  private static final long WHOLE_ADDRESS_SPACE = -1L;

  /** What the GPU wanted to do with a page. */
  public enum Access {
    /** It wanted to read. */
    READ(HmmPfn.REQ_FAULT),
    /** It wanted to write. */
    WRITE(HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE);

    private final long request;

    Access(long request) {
      this.request = request;
    }
  }

  private final MmStruct mm;
  private final Machine machine;
  private final PageTableGeometry geometry;
  private final Mutex mutex;
  private final DevicePageTable pageTable;
  private final CopyEngine engine;
  private final HmmMirror mirror;

  @GuardedBy("mutex")
  private long invalidations;

  private NouveauSvm(MmStruct mm, PhysicalMemory memory) {
    this.mm = mm;
    this.machine = mm.kernel().machine();
    this.geometry = mm.addressSpace().pageTables().geometry();
    this.mutex = mm.kernel().mutex("svmm->mutex");
    this.pageTable = new DevicePageTable(mutex, geometry.pageShift(), mm.kernel().tracer());
    this.engine = new CopyEngine(pageTable, memory, geometry.pageSize());
    this.mirror = Hmm.of(mm.kernel()).mirror(new Callbacks());
  }

  /**
   * Lets the GPU share an address space: {@code nouveau_svmm_init}. Context: may sleep; takes the
   * mmap lock for write.
   *
   * @param mm an address space with a user
   * @param memory where its page frames are
   * @return the shared address space
   * @throws IllegalStateException if the mirror could not be registered
   */
  public static NouveauSvm open(MmStruct mm, PhysicalMemory memory) {
    NouveauSvm svmm = new NouveauSvm(mm, memory);
    mm.mmapLock().writeLock();
    try {
      Errno errno = svmm.mirror.register(mm);
      if (errno != Errno.OK) {
        throw new IllegalStateException("the address space can't be shared: " + errno);
      }
    } finally {
      mm.mmapLock().writeUnlock();
    }
    return svmm;
  }

  private final class Callbacks implements HmmMirrorOps {

    /** {@code nouveau_svmm_sync_cpu_device_pagetables}: does not even try when it must not wait. */
    @Override
    public Errno syncCpuDevicePagetables(HmmMirror mirror, HmmUpdate update) {
      if (!update.blockable()) {
        return Errno.EAGAIN;
      }
      mutex.lock();
      try {
        invalidations++;
        pageTable.drop(update.start(), update.end());
      } finally {
        mutex.unlock();
      }
      return Errno.OK;
    }

    /** {@code nouveau_svmm_release}, which did nothing. */
    @Override
    public void release(HmmMirror mirror) {
      dropEverything();
    }

    @Override
    public String toString() {
      return "nouveau_svmm";
    }
  }

  /**
   * The GPU reads the first word of each page, faulting as often as it has to.
   *
   * @param address of page 0, page-aligned, in bytes
   * @param values takes the words
   * @return {@link Errno#OK}; or the error of {@link #fault}: then the first pages may have been
   *     read
   */
  public Errno read(long address, int[] values) {
    return transfer(
        address, values.length, Access.READ, from -> engine.read(address, values, from));
  }

  /**
   * The GPU writes the first word of each page, faulting as often as it has to.
   *
   * @param address of page 0, page-aligned, in bytes
   * @param values the words
   * @return {@link Errno#OK}; or the error of {@link #fault}: then the first pages may have been
   *     written
   */
  public Errno write(long address, int[] values) {
    return transfer(
        address, values.length, Access.WRITE, from -> engine.write(address, values, from));
  }

  /** Replays the access after each fault that was served: {@code nouveau_svm_fault_replay}. */
  private Errno transfer(long address, int pages, Access access, IntUnaryOperator copyFrom) {
    long end = address + pages * geometry.pageSize();
    int done = copyFrom.applyAsInt(0);
    while (done < pages) {
      Errno errno = fault(address + done * geometry.pageSize(), end, access);
      if (errno != Errno.OK) {
        return errno;
      }
      done = copyFrom.applyAsInt(done);
    }
    return Errno.OK;
  }

  /**
   * Serves a fault of the GPU: the inner half of {@code nouveau_svm_fault}. Maps pages from the
   * address on, at most 16 and not beyond the VMA. Context: no lock held, may sleep; called from
   * any number of tasks.
   *
   * @param address where the GPU faulted, page-aligned, in bytes
   * @param end where the faults that go with it end, exclusive, page-aligned
   * @param access what the GPU wanted
   * @return {@link Errno#OK}: the pages are mapped, unless they were invalidated again since.
   *     {@link Errno#EINVAL} if address >= end or one is not page-aligned; {@link Errno#EFAULT} if
   *     nothing is mapped there or the address space has exited; {@link Errno#EPERM} if it may not
   *     be written; {@link Errno#EBUSY} if it found no rest for a second
   */
  public Errno fault(long address, long end, Access access) {
    if (address >= end || !geometry.isPageAligned(address) || !geometry.isPageAligned(end)) {
      return Errno.EINVAL;
    }
    if (!mm.mmgetNotZero()) {
      return Errno.EFAULT;
    }
    try {
      return faultWindow(
          address, Math.min(end, address + WINDOW_PAGES * geometry.pageSize()), access);
    } finally {
      mm.mmput();
    }
  }

  private Errno faultWindow(long start, long limit, Access access) {
    long begun = machine.nanoTime();
    Errno errno;
    do {
      errno = faultOnce(start, limit, access);
    } while (errno == Errno.EBUSY
        && machine.nanoTime() - begun <= NouveauRanges.TIMEOUT_MILLIS * 1_000_000);
    return errno;
  }

  /** One round from "again" on; EBUSY says that the next one may do better. */
  private Errno faultOnce(long start, long limit, Access access) {
    mm.mmapLock().readLock();
    Vma vma = mm.addressSpace().findVma(start);
    if (vma == null || vma.start() > start) {
      mm.mmapLock().readUnlock();
      return Errno.EFAULT;
    }
    HmmRange range = HmmRange.of(start, Math.min(limit, vma.end()), geometry.pageShift());
    Arrays.fill(range.pfns(), access.request);
    long before = invalidations();
    Errno errno = NouveauRanges.fault(mirror, range);
    if (errno != Errno.OK) {
      return errno;
    }
    try {
      return useUnderMutex(range, before);
    } finally {
      mm.mmapLock().readUnlock();
    }
  }

  private Errno useUnderMutex(HmmRange range, long before) {
    mutex.lock();
    try {
      // Both: the range has to be unregistered in any case.
      if (!NouveauRanges.done(mirror, range) || invalidations != before) {
        return Errno.EBUSY;
      }
      program(range);
      return Errno.OK;
    } finally {
      mutex.unlock();
    }
  }

  private long invalidations() {
    mutex.lock();
    try {
      return invalidations;
    } finally {
      mutex.unlock();
    }
  }

  /** {@code NVIF_VMM_V0_PFNMAP}. Context: mutex held. */
  private void program(HmmRange range) {
    for (int i = 0; i < range.pfns().length; i++) {
      long answer = range.pfn(i);
      if (HmmPfn.isValid(answer)) {
        pageTable.map(
            range.start() + i * geometry.pageSize(), HmmPfn.pfn(answer), HmmPfn.isWritable(answer));
      }
    }
  }

  /**
   * Returns the GPU's page table, to be looked at under its lock, which is {@code svmm->mutex}.
   *
   * @return the page table
   */
  public DevicePageTable pageTable() {
    return pageTable;
  }

  private void dropEverything() {
    mutex.lock();
    try {
      pageTable.drop(0, WHOLE_ADDRESS_SPACE);
    } finally {
      mutex.unlock();
    }
  }

  /** Stops sharing: {@code nouveau_svmm_fini}. No fault may be in progress. */
  @Override
  public void close() {
    mirror.unregister();
    dropEverything();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.DevPagemapConfig;
import org.hmm4j.devmem.DevPagemapOps;
import org.hmm4j.devmem.DeviceFault;
import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.MigrateVma;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.mm.VmFault;
import org.hmm4j.testkit.mm.PhysicalMemory;

/**
 * The test device itself, with its memory: {@code struct dmirror_device}, lib/test_hmm.c, Linux
 * 6.1. Any number of {@link Dmirror}s may be open on it, and share its memory, which comes in
 * chunks as it is needed. May be used from any task.
 */
public final class DmirrorDevice implements AutoCloseable {

  /** The kernel's are of 256 MiB: {@code DEVMEM_CHUNK_SIZE}. */
  private static final int CHUNK_PAGES = 1024;

  private final Kernel kernel;
  private final PhysicalMemory memory;
  private final Devmem devmem;
  private final MemoryType type;
  private final int chunkPages;
  private final Mutex devmemLock;
  private final SpinLock lock;

  @GuardedBy("devmemLock")
  private final List<DevPagemap> chunks = new ArrayList<>();

  @GuardedBy("lock")
  private final ArrayDeque<Long> freePages = new ArrayDeque<>();

  /** {@code remove}: the memory is about to go. */
  @GuardedBy("lock")
  private boolean removing;

  /** Pages in use: {@code zone_device_data}. */
  @GuardedBy("lock")
  private final Map<Long, UsedPage> usedPages = new HashMap<>();

  /**
   * A page in use.
   *
   * @param dmirror who migrated it
   * @param record of the memory that it stands for
   */
  private record UsedPage(MirroringDevice dmirror, Allocation record) {}

  private DmirrorDevice(PhysicalMemory memory, MemoryType type, int chunkPages) {
    this.kernel = memory.kernel();
    this.memory = memory;
    this.devmem = Devmem.of(kernel);
    this.type = type;
    this.chunkPages = chunkPages;
    this.devmemLock = kernel.mutex("mdevice->devmem_lock");
    this.lock = kernel.spinLock("mdevice->lock");
  }

  /**
   * Plugs a device in, without memory yet: {@code dmirror_device_init}.
   *
   * @param memory the machine's memory
   * @param type the kind of memory that it will have
   * @return the device
   */
  public static DmirrorDevice create(PhysicalMemory memory, MemoryType type) {
    return create(memory, type, CHUNK_PAGES);
  }

  /**
   * As {@link #create(PhysicalMemory, MemoryType)}, with memory that comes in chunks of another
   * size.
   *
   * @param memory the machine's memory
   * @param type the kind of memory that it will have
   * @param chunkPages pages of a chunk, 1 or more
   * @return the device
   * @throws IllegalArgumentException if chunkPages is below 1
   */
  public static DmirrorDevice create(PhysicalMemory memory, MemoryType type, int chunkPages) {
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(type, "type");
    if (chunkPages < 1) {
      throw new IllegalArgumentException("a chunk needs a page: " + chunkPages);
    }
    return new DmirrorDevice(memory, type, chunkPages);
  }

  /**
   * Returns how many pages of its memory are in use.
   *
   * @return pages, a number that may be old when it is looked at
   */
  public int pagesInUse() {
    lock.lock();
    try {
      return usedPages.size();
    } finally {
      lock.unlock();
    }
  }

  PhysicalMemory memory() {
    return memory;
  }

  /** {@code dmirror_select_device}. */
  int selectFlag() {
    return type == MemoryType.DEVICE_PRIVATE
        ? MigrateVma.SELECT_DEVICE_PRIVATE
        : MigrateVma.SELECT_DEVICE_COHERENT;
  }

  /**
   * Takes a page into use, locked and with one reference: {@code dmirror_devmem_alloc_page}.
   * Returns {@link MigratePfn#NO_PAGE} if there is no memory.
   */
  long allocatePage(MirroringDevice dmirror) {
    Allocation record = kernel.allocations().allocate("dmirror page");
    if (record == null) {
      return MigratePfn.NO_PAGE;
    }
    Long pfn = takeFree(new UsedPage(dmirror, record));
    while (pfn == null && allocateChunk()) {
      pfn = takeFree(new UsedPage(dmirror, record));
    }
    if (pfn == null) {
      record.free();
      return MigratePfn.NO_PAGE;
    }
    if (!devmem.zoneDevicePageInit(chunk(pfn), pfn)) {
      pageFree(pfn);
      return MigratePfn.NO_PAGE;
    }
    return pfn;
  }

  private Long takeFree(UsedPage use) {
    lock.lock();
    try {
      Long pfn = freePages.pollFirst();
      if (pfn != null) {
        usedPages.put(pfn, use);
      }
      return pfn;
    } finally {
      lock.unlock();
    }
  }

  private DevPagemap chunk(long pfn) {
    return memory.frames().pagemap(pfn);
  }

  /** {@code dmirror_allocate_chunk}. */
  private boolean allocateChunk() {
    devmemLock.lock();
    try {
      DevPagemapOps ops = new DevPagemapOps(this::pageFree, this::migrateToRam);
      ErrPtr<DevPagemap> chunk =
          devmem.memremapPages(memory.frames(), new DevPagemapConfig(type, this, ops, chunkPages));
      if (chunk.isErr()) {
        return false;
      }
      chunks.add(chunk.value());
      lock.lock();
      for (int i = 0; i < chunkPages; i++) {
        freePages.add(chunk.value().firstPfn() + i);
      }
      lock.unlock();
      return true;
    } finally {
      devmemLock.unlock();
    }
  }

  /**
   * {@code dmirror_devmem_free}: memory that is being removed is not given out again. Also for a
   * page that did not come into use after all.
   */
  private void pageFree(long pfn) {
    lock.lock();
    UsedPage used = usedPages.remove(pfn);
    if (!removing) {
      freePages.addLast(pfn);
    }
    lock.unlock();
    used.record().free();
  }

  /** {@code dmirror_devmem_fault}: who migrated the page brings it back. */
  private int migrateToRam(DeviceFault fault) {
    lock.lock();
    UsedPage used = usedPages.get(fault.page());
    lock.unlock();
    return used == null ? VmFault.SIGBUS : used.dmirror().migrateToRam(fault);
  }

  /**
   * Moves all pages back to main memory that are not just on their way elsewhere: {@code
   * dmirror_device_evict_chunk}. Context: may sleep; the mmap lock is not needed.
   */
  void evict() {
    List<DevPagemap> all;
    devmemLock.lock();
    all = List.copyOf(chunks);
    devmemLock.unlock();
    evict(all);
  }

  private void evict(List<DevPagemap> all) {
    for (DevPagemap chunk : all) {
      if (chunk.pagesInUse() != 0) {
        new DmirrorEviction(memory, devmem).evict(chunk);
      }
    }
  }

  /**
   * Moves all pages back to main memory and removes the device's memory: {@code
   * HMM_DMIRROR_RELEASE}, {@code dmirror_device_remove_chunks}. Waits until all pages are free. A
   * later migration gets new memory. Context: may sleep; the mmap lock is not held.
   */
  public void release() {
    devmemLock.lock();
    try {
      removing(true);
      evict(chunks);
      chunks.forEach(devmem::memunmapPages);
      chunks.clear();
      removing(false);
    } finally {
      devmemLock.unlock();
    }
  }

  private void removing(boolean now) {
    lock.lock();
    removing = now;
    freePages.clear();
    lock.unlock();
  }

  /**
   * Takes the device away: {@code dmirror_device_remove}. Its memory goes as in {@link #release}.
   * Context: may sleep; no {@link Dmirror} is open on it.
   */
  @Override
  public void close() {
    release();
  }

  @Override
  public String toString() {
    return "dmirror device, " + type;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.devmem;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.DevPagemapConfig;
import org.hmm4j.devmem.DevPagemapOps;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.WaitQueue;

/** A device's memory and the count of its users: {@code pgmap->ref}, mm/memremap.c, Linux 6.1. */
final class Pagemap implements DevPagemap {

  private final Kernel kernel;
  private final PageFrames frames;
  private final DevPagemapConfig config;
  private final Allocation record;
  private final WaitQueue done;

  /** One for each page in use, and one for itself while it lives: {@code pgmap->ref}. */
  private final AtomicLong references = new AtomicLong(1);

  /** {@code percpu_ref_is_dying}. */
  private final AtomicBoolean dying = new AtomicBoolean();

  @GuardedBy("set once, before anybody else knows it")
  private long firstPfn;

  Pagemap(Kernel kernel, PageFrames frames, DevPagemapConfig config, Allocation record) {
    this.kernel = kernel;
    this.frames = frames;
    this.config = config;
    this.record = record;
    this.done = kernel.waitQueue("pgmap->done");
  }

  /** Gets its page structures; false, and freed, if there is no memory for them. */
  boolean map() {
    firstPfn = frames.addDevice(this);
    if (firstPfn == MigratePfn.NO_PAGE) {
      record.free();
      return false;
    }
    return true;
  }

  /** {@code percpu_ref_kill} and {@code wait_for_completion(&pgmap->done)}. */
  void unmap() {
    kernel.context().mightSleep();
    if (!dying.compareAndSet(false, true)) {
      throw new KernelBug(Rule.DOUBLE_FREE, "second memunmap_pages of " + this);
    }
    put();
    done.waitEvent(() -> references.get() == 0);
    frames.removeDevice(this);
    record.free();
  }

  boolean initPage(long pfn) {
    if (pfn < firstPfn || pfn >= firstPfn + pages()) {
      throw new IllegalArgumentException("pfn 0x%x is not in %s".formatted(pfn, this));
    }
    return frames.initDevicePage(pfn);
  }

  @Override
  public boolean tryGetLive() {
    if (dying.get()) {
      kernel.warn("zone_device_page_init on " + this + ", which is being taken away");
      return false;
    }
    references.incrementAndGet();
    return true;
  }

  @Override
  public void put() {
    if (references.decrementAndGet() == 0) {
      done.wakeAll();
    }
  }

  @Override
  public MemoryType type() {
    return config.type();
  }

  @Override
  public Object owner() {
    return config.owner();
  }

  @Override
  public DevPagemapOps ops() {
    return config.ops();
  }

  @Override
  public long firstPfn() {
    return firstPfn;
  }

  @Override
  public int pages() {
    return config.pages();
  }

  @Override
  public long pagesInUse() {
    return references.get() - (dying.get() ? 0 : 1);
  }

  @Override
  public String toString() {
    return "pagemap of %d %s pages at pfn 0x%x".formatted(pages(), type(), firstPfn);
  }
}

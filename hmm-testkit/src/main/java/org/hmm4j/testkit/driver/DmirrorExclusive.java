// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.testkit.device.DevicePageTable;

/** Pages that the test device has to itself: lib/test_hmm.c, Linux 6.1. */
final class DmirrorExclusive {

  private static final int WINDOW_PAGES = 64;

  private final MmStruct mm;
  private final PageFrames frames;
  private final Devmem devmem;
  private final DevicePageTable pageTable;
  private final long pageSize;

  DmirrorExclusive(MmStruct mm, PageFrames frames, DevicePageTable pageTable) {
    this.mm = mm;
    this.frames = frames;
    this.devmem = Devmem.of(mm.kernel());
    this.pageTable = pageTable;
    this.pageSize = mm.addressSpace().pageTables().geometry().pageSize();
  }

  /**
   * {@code dmirror_exclusive}, without the read at the end: EBUSY unless every page of a window
   * could be had.
   */
  Errno make(long address, int pages) {
    if (!mm.mmgetNotZero()) {
      return Errno.EINVAL;
    }
    try {
      mm.mmapLock().readLock();
      try {
        for (int done = 0; done < pages; done += WINDOW_PAGES) {
          int count = Math.min(WINDOW_PAGES, pages - done);
          if (makeWindow(address + done * pageSize, count) < count) {
            return Errno.EBUSY;
          }
        }
        return Errno.OK;
      } finally {
        mm.mmapLock().readUnlock();
      }
    } finally {
      mm.mmput();
    }
  }

  /** Returns how many pages the device has now. It is programmed while they are locked. */
  private int makeWindow(long address, int count) {
    long[] pages = new long[count];
    ErrPtr<Integer> got = devmem.makeDeviceExclusiveRange(mm, address, pages, null);
    if (got.isErr()) {
      return 0;
    }
    try {
      return got.value() == count ? map(address, pages) : 0;
    } finally {
      for (int i = 0; i < got.value(); i++) {
        if (pages[i] != MigratePfn.NO_PAGE) {
          frames.unlockPage(pages[i]);
          frames.putPage(pages[i]);
        }
      }
    }
  }

  /** {@code dmirror_atomic_map}. */
  private int map(long address, long[] pages) {
    int mapped = 0;
    pageTable.lock().lock();
    try {
      for (int i = 0; i < pages.length; i++) {
        if (pages[i] != MigratePfn.NO_PAGE) {
          pageTable.mapAtomic(address + i * pageSize, pages[i]);
          mapped++;
        }
      }
    } finally {
      pageTable.lock().unlock();
    }
    return mapped;
  }

  /** {@code dmirror_check_atomic}. */
  Errno check(long address, int pages) {
    pageTable.lock().lock();
    try {
      for (int i = 0; i < pages; i++) {
        DevicePageTable.Entry entry = pageTable.find(address + i * pageSize);
        if (entry != null && entry.atomic()) {
          return Errno.EPERM;
        }
      }
      return Errno.OK;
    } finally {
      pageTable.lock().unlock();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.devmem;

import org.hmm4j.devmem.DevmemAddressSpace;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;

/**
 * Pages that a device has to itself: {@code make_device_exclusive_range}, mm/rmap.c, Linux 6.1, and
 * its successor of 6.15. Context: mmap lock held for read.
 */
final class ExclusiveAccess {

  private final DevmemAddressSpace space;
  private final PageFrames frames;
  private final int pageShift;

  ExclusiveAccess(DevmemAddressSpace space) {
    this.space = space;
    this.frames = space.frames();
    this.pageShift = space.pageTables().geometry().pageShift();
  }

  /** {@code make_device_exclusive_range}. */
  ErrPtr<Integer> range(long start, long[] pages, Object owner) {
    ErrPtr<Integer> got = space.getUserPages(start, pages);
    if (got.isErr()) {
      return got;
    }
    for (int i = 0; i < got.value(); i++) {
      if (!tryTake(pages[i], start + ((long) i << pageShift), owner)) {
        frames.putPage(pages[i]);
        pages[i] = MigratePfn.NO_PAGE;
      }
    }
    return got;
  }

  private boolean tryTake(long page, long address, Object owner) {
    return !frames.isTail(page) && frames.tryLockPage(page) && takeLocked(page, address, owner);
  }

  /** Unlocks a page that can't be had. */
  private boolean takeLocked(long page, long address, Object owner) {
    boolean taken = false;
    try {
      taken = space.makeExclusive(page, address, owner);
    } finally {
      if (!taken) {
        frames.unlockPage(page);
      }
    }
    return taken;
  }

  /** {@code make_device_exclusive}: the page may change until it is locked, and then again. */
  ErrPtr<Long> one(long address, Object owner) {
    long[] page = new long[1];
    while (true) {
      ErrPtr<Integer> got = space.getUserPages(address, page);
      if (got.isErr()) {
        return ErrPtr.err(got.errno());
      }
      if (!frames.isAnonymous(page[0])) {
        frames.putPage(page[0]);
        return ErrPtr.err(Errno.EOPNOTSUPP);
      }
      frames.lockPage(page[0]);
      if (takeLocked(page[0], address, owner)) {
        return ErrPtr.of(page[0]);
      }
      frames.putPage(page[0]);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.devmem;

import java.util.function.IntPredicate;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.devmem.PageFrames;

/**
 * The steps that go over pages whatever VMA they belong to: {@code migrate_device_unmap}, {@code
 * __migrate_device_pages}, {@code migrate_device_finalize}, mm/migrate_device.c, Linux 6.1.
 */
final class PageMigrations {

  private final PageFrames frames;

  PageMigrations(PageFrames frames) {
    this.frames = frames;
  }

  /** {@code migrate_device_range}, without the unmapping. */
  void lockRange(long[] src, long firstPfn) {
    for (int i = 0; i < src.length; i++) {
      long pfn = firstPfn + i;
      src[i] = 0;
      if (!frames.tryGetPage(pfn)) {
        continue;
      }
      if (frames.tryLockPage(pfn)) {
        src[i] = MigratePfn.of(pfn) | MigratePfn.MIGRATE;
      } else {
        frames.putPage(pfn);
      }
    }
  }

  /**
   * {@code migrate_device_unmap}: takes the pages out of all page tables, and puts those back that
   * somebody else has. If a notifier throws, all are put back.
   *
   * @return how many entries can still be migrated
   */
  int unmap(long[] src, int npages, long faultPage) {
    int unmapped = 0;
    int at = 0;
    try {
      for (; at < npages; at++) {
        if (unmapOne(src, at, faultPage)) {
          unmapped++;
        }
      }
    } finally {
      for (int i = at; i < npages; i++) {
        src[i] &= ~MigratePfn.MIGRATE;
      }
      restore(src, npages);
    }
    return unmapped;
  }

  private boolean unmapOne(long[] src, int index, long faultPage) {
    long page = MigratePfn.pfn(src[index]);
    if (page == MigratePfn.NO_PAGE) {
      return MigratePfn.isMigrating(src[index]);
    }
    boolean unmapped = frames.unmapForMigration(page, 1 + extraReferences(page, faultPage));
    if (!unmapped) {
      src[index] &= ~MigratePfn.MIGRATE;
    }
    return unmapped;
  }

  private static int extraReferences(long page, long faultPage) {
    return page == faultPage ? 1 : 0;
  }

  private void restore(long[] src, int npages) {
    for (int i = 0; i < npages; i++) {
      long page = MigratePfn.pfn(src[i]);
      if (page != MigratePfn.NO_PAGE && !MigratePfn.isMigrating(src[i])) {
        frames.removeMigrationEntries(page, page);
        src[i] = 0;
        frames.unlockPage(page);
        frames.putPage(page);
      }
    }
  }

  /**
   * {@code __migrate_device_pages}. If a notifier throws, the pages from there on are not migrated.
   *
   * @param insert maps a page of the driver where there was none, given the index; false if it
   *     could not
   */
  void migrate(long[] src, long[] dst, int npages, long faultPage, IntPredicate insert) {
    int at = 0;
    try {
      for (; at < npages; at++) {
        migrateOne(src, dst, at, faultPage, insert);
      }
    } finally {
      for (int i = at; i < npages; i++) {
        src[i] &= ~MigratePfn.MIGRATE;
      }
    }
  }

  private void migrateOne(long[] src, long[] dst, int index, long faultPage, IntPredicate insert) {
    long target = MigratePfn.pfn(dst[index]);
    long source = MigratePfn.pfn(src[index]);
    boolean migrated;
    if (target == MigratePfn.NO_PAGE || !MigratePfn.isMigrating(src[index])) {
      migrated = false;
    } else if (source != MigratePfn.NO_PAGE) {
      migrated = frames.migratePage(source, target, extraReferences(source, faultPage));
    } else {
      migrated = insert.test(index);
    }
    if (!migrated) {
      src[index] &= ~MigratePfn.MIGRATE;
    }
  }

  /** {@code migrate_device_finalize}. */
  void finish(long[] src, long[] dst, int npages) {
    for (int i = 0; i < npages; i++) {
      long target = MigratePfn.pfn(dst[i]);
      long source = MigratePfn.pfn(src[i]);
      if (source != MigratePfn.NO_PAGE) {
        boolean moved = MigratePfn.isMigrating(src[i]) && target != MigratePfn.NO_PAGE;
        frames.removeMigrationEntries(source, moved ? target : source);
        frames.unlockPage(source);
        frames.putPage(source);
      }
      if (target != MigratePfn.NO_PAGE) {
        frames.unlockPage(target);
        frames.putPage(target);
      }
    }
  }
}

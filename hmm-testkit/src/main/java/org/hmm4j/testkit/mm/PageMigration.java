// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;

/**
 * A page on its way to another frame: the second half of {@code __unmap_and_move}, mm/migrate.c,
 * Linux 6.1. From {@link FakeMm#beginMigration} on no entry maps the page and it is locked; who
 * accesses it waits. Has to be ended once, by any task, with {@link #finish} or {@link #putBack}.
 */
public final class PageMigration {

  private final MmContext context;
  private final Page old;
  private final Page fresh;
  private boolean ended;

  /** Takes over a reference to both pages, and their locks. */
  PageMigration(MmContext context, Page old, Page fresh) {
    this.context = context;
    this.old = old;
    this.fresh = fresh;
  }

  /**
   * Returns where the page comes from.
   *
   * @return its pfn
   */
  public long source() {
    return old.pfn();
  }

  /**
   * Returns where it is to go.
   *
   * @return the pfn of a page that nobody else knows yet
   */
  public long target() {
    return fresh.pfn();
  }

  /**
   * Copies the page and lets all migration entries become entries of the new frame: {@code
   * move_to_new_folio}, {@code remove_migration_ptes}. Entries that were unmapped meanwhile stay
   * so. Wakes who waits. Context: may sleep; not with a lock that a callback of a notifier takes.
   *
   * @return false if somebody has a reference to the page: then it was put back
   * @throws KernelBug {@link Rule#DOUBLE_FREE} if it was ended before
   */
  public boolean finish() {
    end();
    boolean moved = false;
    try {
      moved = move();
    } finally {
      restoreAndRelease(moved ? fresh : old);
    }
    return moved;
  }

  /**
   * Lets all migration entries become entries of the old frame again. Wakes who waits. Context: as
   * {@link #finish}.
   *
   * @throws KernelBug {@link Rule#DOUBLE_FREE} if it was ended before
   */
  public void putBack() {
    end();
    restoreAndRelease(old);
  }

  /** Who waits for the page must not wait for ever, whatever happens. */
  private void restoreAndRelease(Page target) {
    try {
      restore(target);
    } finally {
      release();
    }
  }

  private void end() {
    if (ended) {
      throw new KernelBug(Rule.DOUBLE_FREE, "second end of the migration of " + old);
    }
    ended = true;
  }

  /** {@code folio_migrate_mapping}, {@code folio_migrate_copy}; false if there are other users. */
  private boolean move() {
    if (old.swapSlot() != SwapArea.NO_SLOT) {
      return context.memory().swap().replace(old, fresh);
    } else if (old.mapping() instanceof FakeFile file) {
      return file.replace(old, fresh);
    } else if (old.refCount() != 1) {
      return false;
    }
    fresh.takeOver(old);
    return true;
  }

  private void restore(Page page) {
    new MigrationEntries(context.reverseMap()).remove(old, page);
  }

  private void release() {
    PhysicalMemory memory = context.memory();
    memory.swap().unlockPage(fresh);
    memory.swap().unlockPage(old);
    memory.put(fresh);
    memory.put(old);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

/**
 * Begins to move pages: the first half of {@code __unmap_and_move}, mm/migrate.c, Linux 6.1.
 * Context: no spin lock held; the mmap lock is not needed.
 */
final class MigrationStart {

  private final MmContext context;
  private final PageUnmapping unmapping;

  MigrationStart(MmContext context, PageUnmapping unmapping) {
    this.context = context;
    this.unmapping = unmapping;
  }

  /**
   * Unmaps a page, a huge one as a whole; migration entries come in the place of those that mapped
   * it.
   *
   * @param page the page, with a reference that this takes over; may be null
   * @param wait whether to wait for the page lock: {@code MIGRATE_SYNC}
   * @return null if there is no memory, the page is locked, or others map it
   */
  PageMigration begin(Page page, boolean wait) {
    if (page == null) {
      return null;
    }
    PhysicalMemory memory = context.memory();
    Page head = page.head();
    Page fresh = allocateLike(page);
    if (fresh == null || !lock(page, wait)) {
      if (fresh != null) {
        memory.put(fresh);
      }
      memory.put(page);
      return null;
    }
    memory.lockPage(fresh);
    PageMigration migration = new PageMigration(context, head, fresh);
    boolean unmapped = false;
    try {
      unmapping.unmap(head, (part, entry) -> MigrationEntries.of(memory, part, entry));
      unmapped = head.totalMapCount() == 0;
    } finally {
      if (!unmapped) {
        migration.putBack();
      }
    }
    return unmapped ? migration : null;
  }

  /** {@code alloc_migration_target}, mm/migrate.c. */
  private Page allocateLike(Page page) {
    if (page.compound() == null) {
      return context.memory().allocatePage();
    }
    CompoundPage huge = context.memory().huge().allocate(context.geometry().pmdOrder());
    return huge == null ? null : huge.head();
  }

  /** Moves a page at once, if nobody else has it: {@code migrate_misplaced_page}. */
  boolean migrate(Page page, boolean wait) {
    PageMigration migration = begin(page, wait);
    return migration != null && migration.finish();
  }

  private boolean lock(Page page, boolean wait) {
    if (wait) {
      context.memory().lockPage(page);
      return true;
    }
    return page.lock().tryLock();
  }
}

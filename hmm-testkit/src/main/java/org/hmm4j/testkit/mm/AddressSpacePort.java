// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.devmem.DevmemAddressSpace;
import org.hmm4j.devmem.MigrateVma;
import org.hmm4j.devmem.PageFrames;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Vma;

/** What the engine calls on a fake address space. */
abstract class AddressSpacePort implements DevmemAddressSpace {

  private final MmContext context;
  private final VmaMerging merging;
  private final PageUnmapping pageUnmapping;
  private final MigrationStart migrationStart;
  private final PageFaults faults;
  private final Unmapping unmapping;
  private final MigrationCollect migrationCollect;
  private final MigrationInsertion migrationInsertion;
  private final UserPages userPages;

  AddressSpacePort(MmContext context) {
    this.context = context;
    this.merging = new VmaMerging(context.vmas());
    this.pageUnmapping = new PageUnmapping(context.reverseMap());
    this.migrationStart = new MigrationStart(context, pageUnmapping);
    AnonVmaPreparation preparation = new AnonVmaPreparation(context, merging);
    this.faults = new PageFaults(context, preparation, migrationStart);
    this.unmapping = new Unmapping(context);
    this.migrationCollect = new MigrationCollect(context);
    this.migrationInsertion = new MigrationInsertion(context, preparation);
    this.userPages = new UserPages(context, faults);
  }

  final VmaMerging merging() {
    return merging;
  }

  final PageUnmapping pageUnmapping() {
    return pageUnmapping;
  }

  final MigrationStart migrationStart() {
    return migrationStart;
  }

  final PageFaults faults() {
    return faults;
  }

  final Unmapping unmapping() {
    return unmapping;
  }

  @Override
  public final Vma findVma(long address) {
    return context.vmas().find(address);
  }

  @Override
  public final PageTables pageTables() {
    return context.tables();
  }

  @Override
  public final int handleMmFault(Vma vma, long address, int flags) {
    return faults.handle((FakeVma) vma, address, flags);
  }

  /**
   * Reclaim and migration invalidate under the lock of the reverse map only. {@code
   * vm_lock_anon_vma}, {@code vm_lock_mapping}, mm/mmap.c.
   */
  @Override
  public final Errno takeAllLocks() {
    context.mmapLock().assertHeldWrite();
    context.reverseMap().lock().writeLockNestLock(context.mmapLock());
    return Errno.OK;
  }

  @Override
  public final void dropAllLocks() {
    context.reverseMap().lock().writeUnlock();
  }

  @Override
  public final void exitMmap() {
    unmapping.exit();
  }

  @Override
  public final void free() {
    context.rss().check();
  }

  @Override
  public final PageFrames frames() {
    return context.memory().frames();
  }

  @Override
  public final void collect(MigrateVma migration) {
    migrationCollect.collect(migration);
  }

  @Override
  public final boolean insertPage(MigrateVma migration, long address, long pfn) {
    return migrationInsertion.insert(migration, address, pfn);
  }

  @Override
  public final ErrPtr<Integer> getUserPages(long start, long[] pages) {
    return userPages.get(start, pages);
  }

  @Override
  public final boolean makeExclusive(long pfn, long address, Object owner) {
    return ExclusiveEntries.make(context.memory().page(pfn), context, address, owner);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.PageFrames;

/** The pages of a machine as the device memory layer handles them. */
final class MachinePages implements PageFrames {

  private final PhysicalMemory memory;
  private final ZoneDevice zone;
  private final PageUnmapping unmapping;
  private final MigrationEntries entries;

  MachinePages(PhysicalMemory memory, ZoneDevice zone) {
    this.memory = memory;
    this.zone = zone;
    this.unmapping = new PageUnmapping(memory.reverseMap());
    this.entries = new MigrationEntries(memory.reverseMap());
  }

  @Override
  public long addDevice(DevPagemap pagemap) {
    return zone.add(pagemap);
  }

  @Override
  public void removeDevice(DevPagemap pagemap) {
    zone.remove(pagemap);
  }

  @Override
  public DevPagemap pagemap(long pfn) {
    return ZoneDevice.contains(pfn) ? zone.pagemap(pfn) : null;
  }

  @Override
  public boolean initDevicePage(long pfn) {
    return zone.init(pfn);
  }

  @Override
  public boolean isAnonymous(long pfn) {
    return page(pfn).isAnonymous();
  }

  @Override
  public boolean isTail(long pfn) {
    return page(pfn).isTail();
  }

  @Override
  public boolean tryGetPage(long pfn) {
    Page page = ZoneDevice.contains(pfn) ? zone.pageOrNull(pfn) : page(pfn);
    return page != null && page.tryGet();
  }

  @Override
  public void putPage(long pfn) {
    memory.put(page(pfn));
  }

  @Override
  public boolean tryLockPage(long pfn) {
    return page(pfn).lock().tryLock();
  }

  @Override
  public void lockPage(long pfn) {
    memory.lockPage(page(pfn));
  }

  @Override
  public void unlockPage(long pfn) {
    memory.swap().unlockPage(page(pfn));
  }

  @Override
  public boolean unmapForMigration(long pfn, int expectedReferences) {
    Page page = page(pfn);
    if (page.mapCount() > 0) {
      unmapping.unmap(page, (part, entry) -> MigrationEntries.of(memory, part, entry));
    }
    int cached = page.isCached() ? 1 : 0;
    return page.mapCount() == 0 && page.refCount() <= expectedReferences + cached;
  }

  @Override
  public boolean migratePage(long source, long target, int extraReferences) {
    Page from = page(source);
    Page to = page(target);
    if (from.isCached()) {
      return !to.isZoneDevice() && replaceCached(from, to);
    }
    if (from.refCount() != 1 + extraReferences) {
      return false;
    }
    to.belongTo(from.mapping(), from.index());
    return true;
  }

  /** {@code folio_migrate_mapping} for a page that a cache knows, too. */
  private boolean replaceCached(Page from, Page to) {
    return from.mapping() instanceof FakeFile file
        ? file.replace(from, to)
        : memory.swap().replace(from, to);
  }

  @Override
  public void removeMigrationEntries(long source, long target) {
    entries.remove(page(source), page(target));
  }

  private Page page(long pfn) {
    return memory.page(pfn);
  }
}

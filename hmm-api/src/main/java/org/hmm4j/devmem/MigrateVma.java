// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.devmem;

import java.util.Arrays;
import java.util.Objects;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.Vma;

/**
 * A migration of pages of one VMA: {@code struct migrate_vma}, include/linux/migrate.h, Linux 6.1.
 * Owned by the driver, for one turn of {@link Devmem#migrateVmaSetup}, {@link
 * Devmem#migrateVmaPages} and {@link Devmem#migrateVmaFinalize}, with the mmap lock held for read
 * all the time.
 */
public final class MigrateVma {

  /** Migrate pages of main memory: {@code MIGRATE_VMA_SELECT_SYSTEM}. */
  public static final int SELECT_SYSTEM = 1;

  /** Migrate private device pages of the owner: {@code MIGRATE_VMA_SELECT_DEVICE_PRIVATE}. */
  public static final int SELECT_DEVICE_PRIVATE = 1 << 1;

  /** Migrate coherent device pages of the owner: {@code MIGRATE_VMA_SELECT_DEVICE_COHERENT}. */
  public static final int SELECT_DEVICE_COHERENT = 1 << 2;

  private final MmStruct mm;
  private final Vma vma;
  private final long start;
  private final long end;
  private final long[] src;
  private final long[] dst;
  private final int pageShift;
  private Object pgmapOwner;
  private int flags;
  private long faultPage = MigratePfn.NO_PAGE;
  private int cpages;
  private int npages;

  private MigrateVma(MmStruct mm, Vma vma, long start, long end) {
    this.mm = Objects.requireNonNull(mm, "mm");
    this.vma = vma;
    this.pageShift = mm.addressSpace().pageTables().geometry().pageShift();
    this.start = start >>> pageShift << pageShift;
    this.end = end >>> pageShift << pageShift;
    long pages = this.end <= this.start ? 0 : (this.end - this.start) >>> pageShift;
    if (pages > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("fewer than 2^31 pages at a time, got " + pages);
    }
    this.src = new long[(int) pages];
    this.dst = new long[(int) pages];
  }

  /**
   * Describes a migration that selects nothing yet.
   *
   * @param mm the address space: {@code vma->vm_mm}
   * @param vma the VMA that holds the whole range; null is for {@link Devmem#migrateVmaSetup} to
   *     refuse
   * @param start first address, in bytes, rounded down to a page
   * @param end first address beyond, rounded down to a page
   * @return the migration, with arrays of one zero entry a page
   * @throws IllegalArgumentException if there are 2^31 pages or more
   */
  public static MigrateVma of(MmStruct mm, Vma vma, long start, long end) {
    return new MigrateVma(mm, vma, start, end);
  }

  /**
   * Names whose device pages are selected, and who causes the invalidations: {@code pgmap_owner}.
   *
   * @param owner compared by identity
   * @return this migration
   */
  public MigrateVma pgmapOwner(Object owner) {
    pgmapOwner = owner;
    return this;
  }

  /**
   * Says which pages are selected.
   *
   * @param flags {@code SELECT_*} bits
   * @return this migration
   */
  public MigrateVma flags(int flags) {
    this.flags = flags;
    return this;
  }

  /**
   * Names the page that a CPU fault has a reference to, which does not keep it from being migrated:
   * {@code fault_page}.
   *
   * @param pfn a page of private device memory
   * @return this migration
   */
  public MigrateVma faultPage(long pfn) {
    faultPage = pfn;
    return this;
  }

  /**
   * Returns the address space.
   *
   * @return {@code vma->vm_mm}
   */
  public MmStruct mm() {
    return mm;
  }

  /**
   * Returns the VMA.
   *
   * @return {@code vma}, null if none was given
   */
  public Vma vma() {
    return vma;
  }

  /**
   * Returns the first address.
   *
   * @return bytes, at a page border
   */
  public long start() {
    return start;
  }

  /**
   * Returns the first address beyond.
   *
   * @return bytes, at a page border
   */
  public long end() {
    return end;
  }

  /**
   * Returns the address of a page.
   *
   * @param index the page, counted from the start
   * @return bytes
   */
  public long address(int index) {
    return start + ((long) index << pageShift);
  }

  /**
   * Returns where the pages come from, one {@link MigratePfn} a page: {@code src}.
   *
   * @return the live array, to be read only by the driver
   */
  public long[] src() {
    return src;
  }

  /**
   * Returns where the pages go to, one {@link MigratePfn} a page: {@code dst}. The driver sets an
   * entry to a page that it has allocated, locked and filled, or leaves it 0.
   *
   * @return the live array
   */
  public long[] dst() {
    return dst;
  }

  /**
   * Returns whose device pages are selected.
   *
   * @return {@code pgmap_owner}
   */
  public Object pgmapOwner() {
    return pgmapOwner;
  }

  /**
   * Returns which pages are selected.
   *
   * @return {@code SELECT_*} bits
   */
  public int flags() {
    return flags;
  }

  /**
   * Returns whether some pages are selected.
   *
   * @param flag one {@code SELECT_*} bit
   * @return whether it is set
   */
  public boolean selects(int flag) {
    return (flags & flag) != 0;
  }

  /**
   * Returns the page that a CPU fault has a reference to.
   *
   * @return its page frame, {@link MigratePfn#NO_PAGE} for none
   */
  public long faultPage() {
    return faultPage;
  }

  /**
   * Returns how many pages can be migrated: {@code cpages}. 0 after setup says that there is
   * nothing to do; the other calls may be made all the same.
   *
   * @return source entries that were collected
   */
  public int cpages() {
    return cpages;
  }

  /**
   * Returns how many pages were looked at: {@code npages}.
   *
   * @return the length of the arrays, after setup
   */
  public int npages() {
    return npages;
  }

  /**
   * Appends a source entry: what {@code migrate_vma_collect_pmd} does for each page. For who
   * implements {@link DevmemAddressSpace#collect} only.
   *
   * @param entry a {@link MigratePfn}, 0 if the page stays where it is
   */
  public void collected(long entry) {
    dst[npages] = 0;
    src[npages++] = entry;
    if (MigratePfn.isMigrating(entry)) {
      cpages++;
    }
  }

  /** Begins again: {@code memset(src)}. For the engine only. */
  public void reset() {
    Arrays.fill(src, 0);
    cpages = 0;
    npages = 0;
  }

  /**
   * Notes how many pages could be unmapped. For the engine only.
   *
   * @param pages source entries that are still to be migrated
   */
  public void cpages(int pages) {
    cpages = pages;
  }
}

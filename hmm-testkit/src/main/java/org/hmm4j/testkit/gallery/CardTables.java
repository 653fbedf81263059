// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.Vma;

/** Page tables of eight entries each, which hold what a card puts in. */
final class CardTables implements PageTables {

  static final PageTableGeometry SMALL = new PageTableGeometry(12, 15, 18, 21, 24);

  private final Map<Long, Long> pgds = new HashMap<>();
  private final Map<Long, Long> puds = new HashMap<>();
  private final Map<Long, Long> pmds = new HashMap<>();
  private final Map<Long, Long> huge = new HashMap<>();
  private final Map<Long, long[]> leaves = new HashMap<>();
  private final Map<Long, Object> owners = new HashMap<>();

  /** What a wait for a migration does, given the page. */
  LongConsumer onWait = page -> {};

  CardTables pud(long page, long entry) {
    pgds.put(page >>> 9, Pte.TABLE);
    puds.put(page >>> 6, entry);
    return this;
  }

  CardTables pmd(long page, long entry) {
    pud(page, Pte.TABLE);
    pmds.put(page >>> 3, entry);
    return this;
  }

  CardTables pte(long page, long entry) {
    pmd(page, Pte.TABLE);
    leaves.computeIfAbsent(page >>> 3, key -> new long[8])[(int) page & 7] = entry;
    return this;
  }

  CardTables huge(long page, long entry) {
    huge.put(page >>> 3, entry);
    return this;
  }

  CardTables owner(long pfn, Object owner) {
    owners.put(pfn, owner);
    return this;
  }

  private static long at(Map<Long, Long> level, long address, int shift) {
    return level.getOrDefault(address >>> shift, Pte.NONE);
  }

  @Override
  public PageTableGeometry geometry() {
    return SMALL;
  }

  @Override
  public long pgd(long address) {
    return at(pgds, address, SMALL.pgdShift());
  }

  @Override
  public long pud(long address) {
    return at(puds, address, SMALL.pudShift());
  }

  @Override
  public long pmd(long address) {
    return at(pmds, address, SMALL.pmdShift());
  }

  @Override
  public long[] ptes(long address) {
    return leaves.get(address >>> SMALL.pmdShift());
  }

  @Override
  public long hugetlb(Vma vma, long address) {
    return at(huge, address, SMALL.pmdShift());
  }

  @Override
  public int hugetlbShift(Vma vma) {
    return SMALL.pmdShift();
  }

  @Override
  public void migrationEntryWait(long address) {
    onWait.accept(address >>> SMALL.pageShift());
  }

  @Override
  public Object devicePrivateOwner(long pfn) {
    return owners.get(pfn);
  }
}

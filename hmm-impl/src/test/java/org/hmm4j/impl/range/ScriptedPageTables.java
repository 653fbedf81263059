// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.Vma;

/** Page tables that hold what a test puts in, at any level, and note what is asked of them. */
final class ScriptedPageTables implements PageTables {

  private final PageTableGeometry geometry;
  private final Map<Long, Long> pgds = new HashMap<>();
  private final Map<Long, Long> puds = new HashMap<>();
  private final Map<Long, Long> pmds = new HashMap<>();
  private final Map<Long, long[]> leaves = new HashMap<>();
  private final Map<Long, Long> huge = new HashMap<>();
  private final Map<Long, Object> owners = new HashMap<>();

  /** Called before each answer, as the lock has to be held there. */
  private final Runnable onRead;

  final List<Long> waits = new ArrayList<>();
  final List<Long> splits = new ArrayList<>();
  int reads;
  int hugetlbShift;

  /** What a wait for migration does, given the address. */
  LongConsumer onWait = address -> {};

  /** What a split does, given the address. */
  LongConsumer onSplit = address -> putPud(address, Pte.TABLE);

  /** Runs between the read of a pmd and the look at its leaf table. */
  LongConsumer onPtes = address -> {};

  ScriptedPageTables(PageTableGeometry geometry, Runnable onRead) {
    this.geometry = geometry;
    this.onRead = onRead;
  }

  ScriptedPageTables putPgd(long address, long entry) {
    pgds.put(address >>> geometry.pgdShift(), entry);
    return this;
  }

  ScriptedPageTables putPud(long address, long entry) {
    putPgd(address, Pte.TABLE);
    puds.put(address >>> geometry.pudShift(), entry);
    return this;
  }

  ScriptedPageTables putPmd(long address, long entry) {
    putPud(address, Pte.TABLE);
    pmds.put(address >>> geometry.pmdShift(), entry);
    return this;
  }

  ScriptedPageTables putPte(long address, long entry) {
    putPmd(address, Pte.TABLE);
    leaf(address)[geometry.pteIndex(address)] = entry;
    return this;
  }

  /** An entry of a hugetlb mapping, of the size {@link #hugetlbShift}. */
  ScriptedPageTables putHuge(long address, long entry) {
    huge.put(address >>> hugetlbShift, entry);
    return this;
  }

  ScriptedPageTables own(long pfn, Object owner) {
    owners.put(pfn, owner);
    return this;
  }

  /** Takes a leaf table away, so that {@link #ptes} answers null. */
  void dropLeaf(long address) {
    leaves.remove(address >>> geometry.pmdShift());
  }

  /** The leaf table of an address, made if it is not there. */
  long[] leaf(long address) {
    return leaves.computeIfAbsent(
        address >>> geometry.pmdShift(), key -> new long[geometry.ptesPerTable()]);
  }

  /** Reads an entry without being noted: for tests and models. */
  long peekPgd(long address) {
    return pgds.getOrDefault(address >>> geometry.pgdShift(), Pte.NONE);
  }

  long peekPud(long address) {
    return puds.getOrDefault(address >>> geometry.pudShift(), Pte.NONE);
  }

  long peekPmd(long address) {
    return pmds.getOrDefault(address >>> geometry.pmdShift(), Pte.NONE);
  }

  long peekPte(long address) {
    return leaf(address)[geometry.pteIndex(address)];
  }

  long peekHuge(long address) {
    return huge.getOrDefault(address >>> hugetlbShift, Pte.NONE);
  }

  Object peekOwner(long pfn) {
    return owners.get(pfn);
  }

  private void noteRead() {
    reads++;
    onRead.run();
  }

  @Override
  public PageTableGeometry geometry() {
    return geometry;
  }

  @Override
  public long pgd(long address) {
    noteRead();
    return peekPgd(address);
  }

  @Override
  public long pud(long address) {
    noteRead();
    mustBeTable(peekPgd(address));
    return peekPud(address);
  }

  @Override
  public long pmd(long address) {
    noteRead();
    mustBeTable(peekPud(address));
    return peekPmd(address);
  }

  @Override
  public long[] ptes(long address) {
    noteRead();
    onPtes.accept(address);
    return leaves.get(address >>> geometry.pmdShift());
  }

  private static void mustBeTable(long above) {
    if (above != Pte.TABLE) {
      throw new AssertionError("a level was asked for below " + Pte.toString(above));
    }
  }

  @Override
  public long hugetlb(Vma vma, long address) {
    noteRead();
    return peekHuge(address);
  }

  @Override
  public int hugetlbShift(Vma vma) {
    return hugetlbShift;
  }

  @Override
  public void splitHugePud(Vma vma, long address) {
    onRead.run();
    splits.add(address);
    onSplit.accept(address);
  }

  @Override
  public void migrationEntryWait(long address) {
    onRead.run();
    waits.add(address);
    onWait.accept(address);
  }

  @Override
  public Object devicePrivateOwner(long pfn) {
    return owners.get(pfn);
  }
}

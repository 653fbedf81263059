// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

/**
 * Frames in a row that are one page: a large {@code struct folio}, include/linux/mm_types.h, 6.1.
 * The first page, the head, has the references, the lock and the owner of all. Each part counts the
 * ptes that map it, the whole counts its huge entries: {@code compound_mapcount}.
 */
final class CompoundPage {

  private final Page[] pages;
  private final BlockRecord record;
  private final MapCount mapCount = new MapCount();
  private volatile HugetlbPool pool;

  /** Makes one of pages that nobody knows yet. The record is null for the huge zero page. */
  CompoundPage(Page[] pages, BlockRecord record) {
    this.pages = pages;
    this.record = record;
    for (Page page : pages) {
      page.join(this);
    }
  }

  /** Says that it is a page of hugetlb: {@code PageHuge}. Before anybody else knows it. */
  void belongTo(HugetlbPool pool) {
    this.pool = pool;
  }

  /** Returns the pool that it goes back to, or null. */
  HugetlbPool pool() {
    return pool;
  }

  /**
   * Returns how many pages of its object a page stands for: all of a huge one if it is the head.
   */
  static int span(Page page) {
    CompoundPage whole = page.compound();
    return whole == null || page.isTail() ? 1 : whole.pages();
  }

  /** Returns a part of the huge page of a head; the page itself if it is not huge. */
  static Page part(Page head, int index) {
    CompoundPage whole = head.compound();
    return whole == null ? head : whole.page(index);
  }

  /** {@code PageHuge}, include/linux/page-flags.h: whether a page is one of hugetlb. */
  static boolean isHugetlb(Page page) {
    CompoundPage whole = page.compound();
    return whole != null && whole.pool() != null;
  }

  Page head() {
    return pages[0];
  }

  Page page(int index) {
    return pages[index];
  }

  int pages() {
    return pages.length;
  }

  int mapCount() {
    return mapCount.get();
  }

  /** {@code folio_mapcount}, include/linux/mm.h: entries of both sizes. */
  int totalMapCount() {
    int total = mapCount();
    for (Page page : pages) {
      total += page.ownMapCount();
    }
    return total;
  }

  /** One more huge entry maps it: {@code page_add_anon_rmap} with {@code RMAP_COMPOUND}. */
  void addAnonMapping(AnonVma anonVma, long index, boolean exclusive) {
    Page head = head();
    if (!head.isAnonymous()) {
      head.belongTo(exclusive ? anonVma : anonVma.root(), index);
    }
    if (exclusive) {
      head.setAnonExclusive();
    }
    addMapping();
  }

  /** One more huge entry maps it. */
  void addMapping() {
    mapCount.increment();
  }

  /** One huge entry less maps it: {@code page_remove_rmap} with {@code compound}, mm/rmap.c. */
  void removeMapping() {
    mapCount.decrement(head());
  }

  /** {@code copy_huge_page}, mm/migrate.c. */
  void copyFrom(CompoundPage source) {
    for (int i = 0; i < pages.length; i++) {
      pages[i].copyFrom(source.pages[i]);
    }
  }

  /** The last reference is gone. */
  void free() {
    record.freeAll();
  }

  BlockRecord record() {
    return record;
  }

  /**
   * Lets each part be a page of its own with one reference: {@code __split_huge_page}, {@code
   * __split_huge_page_tail}, mm/huge_memory.c. Context: page lock held; the caller has the only
   * reference; no entry maps it.
   */
  void split() {
    Page head = head();
    Object mapping = head.mapping();
    long index = head.index();
    for (int i = pages.length - 1; i >= 0; i--) {
      pages[i].leave(mapping, index + i);
    }
  }
}

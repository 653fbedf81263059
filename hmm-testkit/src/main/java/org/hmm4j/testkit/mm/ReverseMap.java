// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.function.BooleanSupplier;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.RwSemaphore;

/**
 * Finds the places in all address spaces that may map a page: {@code rmap_walk}, mm/rmap.c, Linux
 * 6.1.
 *
 * <p>One lock per machine stands for the {@code anon_vma->rwsem} and {@code i_mmap_rwsem} of all
 * objects. Held for read it keeps VMAs, and whole tables, where they are; entries still change
 * under their own locks. It is the only lock over the invalidations of reclaim and migration, so
 * who takes it for write knows that none of them is in flight.
 */
final class ReverseMap {

  private final RwSemaphore lock;

  ReverseMap(Kernel kernel) {
    this.lock = kernel.rwSemaphore("anon_vma->rwsem");
  }

  /** Looks at a place that may map a page. Context: lock held for read. */
  interface Visitor {

    /** Returns false to end the walk. */
    boolean visit(MmContext mm, FakeVma vma, long address);
  }

  RwSemaphore lock() {
    return lock;
  }

  /**
   * Visits each place where a VMA would map a page, until all is done. Context: may sleep; no spin
   * lock held; the caller has a reference to the page and its lock.
   */
  void walk(Page page, Visitor visitor, BooleanSupplier done) {
    if (places(page.mapping()) == null) {
      return;
    }
    lock.readLock();
    try {
      walkLocked(page, visitor, done);
    } finally {
      lock.readUnlock();
    }
  }

  /** As {@link #walk}, with the lock held by the caller: {@code rmap_walk_locked}. */
  void walkLocked(Page page, Visitor visitor, BooleanSupplier done) {
    lock.assertHeld();
    RmapTree places = places(page.mapping());
    if (places == null) {
      return;
    }
    for (RmapTree.Place place : places.list()) {
      FakeVma vma = place.vma();
      if (vma.mayMap(page)
          && (done.getAsBoolean() || !visitor.visit(place.mm(), vma, vma.startOf(page)))) {
        return;
      }
    }
  }

  private static RmapTree places(Object mapping) {
    if (mapping instanceof AnonVma anonVma) {
      return anonVma.places();
    }
    return mapping instanceof FakeFile file ? file.places() : null;
  }

  /**
   * A VMA can be found from now on: {@code vma_interval_tree_insert}, {@code anon_vma_chain_link}.
   * Context: lock held for write.
   */
  void link(MmContext mm, FakeVma vma) {
    linkFile(mm, vma);
    linkAnon(mm, vma);
  }

  /** As {@link #link} for the file behind a VMA, if it has one. */
  void linkFile(MmContext mm, FakeVma vma) {
    lock.assertHeldWrite();
    if (vma.file() != null) {
      vma.file().places().insert(new RmapTree.Place(mm, vma));
    }
  }

  /** As {@link #link} for the anon_vmas of a VMA. */
  void linkAnon(MmContext mm, FakeVma vma) {
    lock.assertHeldWrite();
    if (vma.hasAnonVma()) {
      for (AnonVma anonVma : vma.anonVmaChain().all()) {
        anonVma.link(new RmapTree.Place(mm, vma));
      }
    }
  }

  /**
   * A VMA can't be found any more: {@code unlink_file_vma}, {@code unlink_anon_vmas}. Context: lock
   * held for write.
   */
  void unlink(MmContext mm, FakeVma vma) {
    lock.assertHeldWrite();
    RmapTree.Place place = new RmapTree.Place(mm, vma);
    if (vma.file() != null) {
      vma.file().places().remove(place);
    }
    if (vma.hasAnonVma()) {
      vma.anonVmaChain().all().forEach(anonVma -> anonVma.unlink(place));
    }
  }
}

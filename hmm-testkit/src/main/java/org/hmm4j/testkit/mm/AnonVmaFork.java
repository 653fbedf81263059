// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.RwSemaphore;

/**
 * Gives the VMA of a child process its anon_vmas: {@code anon_vma_fork}, {@code anon_vma_clone},
 * mm/rmap.c, Linux 6.1. It may map the pages of all anon_vmas of its parent, and has one that the
 * parent does not have for its new pages.
 */
final class AnonVmaFork {

  private static final String CHAIN = "anon_vma_chain";

  private final MmContext child;

  AnonVmaFork(MmContext child) {
    this.child = child;
  }

  /**
   * Copies a VMA; the reverse map finds the copy by its anon_vmas from then on. Returns null, with
   * nothing left, if there is no memory. Context: mmap locks of parent and child held for write.
   */
  FakeVma fork(FakeVma vma) {
    AnonVmaChain chain = vma.anonVmaChain();
    if (chain == null) {
      return vma.withAnonVmas(null);
    }
    for (int i = 0; i < chain.all().size(); i++) {
      if (!child.hasMemoryFor(CHAIN)) {
        return null;
      }
    }
    FakeVma copy = reusing(vma, chain);
    return copy != null ? copy : withOwn(vma, chain);
  }

  /** Null if each anon_vma of the parent is still in use. */
  private FakeVma reusing(FakeVma vma, AnonVmaChain chain) {
    RwSemaphore lock = child.reverseMap().lock();
    lock.writeLock();
    try {
      for (AnonVma anonVma : chain.all()) {
        if (anonVma.isReusable()) {
          FakeVma copy = vma.withAnonVmas(new AnonVmaChain(anonVma, chain.all()));
          child.reverseMap().linkAnon(child, copy);
          return copy;
        }
      }
      return null;
    } finally {
      lock.writeUnlock();
    }
  }

  private FakeVma withOwn(FakeVma vma, AnonVmaChain chain) {
    Allocation record = child.kernel().allocations().allocate("anon_vma");
    if (record == null) {
      return null;
    }
    if (!child.hasMemoryFor(CHAIN)) {
      record.free();
      return null;
    }
    FakeVma copy = vma.withAnonVmas(chain.with(AnonVma.below(chain.own(), record)));
    RwSemaphore lock = child.reverseMap().lock();
    lock.writeLock();
    child.reverseMap().linkAnon(child, copy);
    lock.writeUnlock();
    return copy;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;

/**
 * Gives a new, empty address space what its parent has: {@code dup_mmap}, kernel/fork.c, Linux 6.1.
 * Notifiers are not inherited, they belong to an mm.
 */
final class Forking {

  /** Nobody else knows the child yet, so the second mmap lock can't dead-lock. */
  private static final int SINGLE_DEPTH_NESTING = 1;

  private final MmContext parent;
  private final MmContext child;
  private final AnonVmaFork anonVmaFork;
  private final PageTableCopy tables;

  Forking(MmContext parent, MmContext child) {
    this.parent = parent;
    this.child = child;
    this.anonVmaFork = new AnonVmaFork(child);
    this.tables = new PageTableCopy(parent, child);
  }

  /** {@code dup_mm}. Returns the child, with one user; null if there is no memory. */
  static FakeMm fork(MmContext parent) {
    if (parent.mm().mmUsers() == 0) {
      throw new KernelBug(Rule.MM_GONE, "fork of a process that has exited");
    }
    FakeMm child = FakeMm.create(parent.kernel(), parent.memory(), parent.geometry());
    if (child == null) {
      return null;
    }
    boolean copied = false;
    try {
      copied = new Forking(parent, child.context()).dupMmap() == Errno.OK;
    } finally {
      if (!copied) {
        child.exit();
      }
    }
    return copied ? child : null;
  }

  /**
   * Copies VMAs and entries. After ENOMEM the child has a part of them, and has to exit. Context:
   * may sleep; takes both mmap locks.
   */
  Errno dupMmap() {
    parent.mmapLock().writeLock();
    try {
      child.mmapLock().writeLockNested(SINGLE_DEPTH_NESTING);
      try {
        return copyVmas();
      } finally {
        child.mmapLock().writeUnlock();
      }
    } finally {
      parent.mmapLock().writeUnlock();
    }
  }

  private Errno copyVmas() {
    for (FakeVma vma : parent.vmas().array()) {
      FakeVma copy = child.hasMemoryFor("vm_area_struct") ? anonVmaFork.fork(vma.ofChild()) : null;
      if (copy == null) {
        return Errno.ENOMEM;
      }
      child.vmas().append(copy);
      Errno error = tables.copyPageRange(copy, vma);
      if (error.isError()) {
        return error;
      }
    }
    return Errno.OK;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;

/** One object in the book: its allocation and free track of mm/kasan/common.c. */
final class AllocationRecord implements Allocation {

  private static final VarHandle FREED;

  static {
    try {
      FREED = MethodHandles.lookup().findVarHandle(AllocationRecord.class, "freed", Site.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final AllocationBook book;
  private final String type;
  private final long serial;
  private final Site allocated;
  private volatile Site freed;

  AllocationRecord(AllocationBook book, String type, long serial, Site allocated) {
    this.book = book;
    this.type = type;
    this.serial = serial;
    this.allocated = allocated;
  }

  Site allocated() {
    return allocated;
  }

  long serial() {
    return serial;
  }

  @Override
  public void check() {
    Site site = freed;
    if (site != null) {
      throw bug(Rule.USE_AFTER_FREE, book.site("used"), site);
    }
  }

  @Override
  public void free() {
    Site site = book.freeing(this);
    if (!FREED.compareAndSet(this, null, site)) {
      throw bug(Rule.DOUBLE_FREE, site, freed);
    }
    book.remove(this);
  }

  @Override
  public boolean isFree() {
    return freed != null;
  }

  @Override
  public String type() {
    return type;
  }

  private KernelBug bug(Rule rule, Site now, Site first) {
    KernelBug bug =
        new KernelBug(
            rule,
            "%s was %s but had been %s; it had been %s"
                .formatted(label(), now.summary(), first.summary(), allocated.summary()),
            first);
    bug.addSuppressed(allocated);
    return bug;
  }

  /** Returns the type and number. */
  String label() {
    return type + " #" + serial;
  }

  @Override
  public String toString() {
    return label() + " " + allocated.summary();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.mm.Pte;
import org.hmm4j.trace.Tracer;

/** Reports the changes of one leaf table. There is none where nobody listens. */
final class EntryTrace {

  private final MmContext context;
  private final Tracer tracer;

  /** The first address that the table maps. */
  @GuardedBy("lock of the table")
  private long base;

  private EntryTrace(MmContext context, Tracer tracer, long base) {
    this.context = context;
    this.tracer = tracer;
    this.base = base;
  }

  /**
   * Makes what reports the changes of the table of an address; null if nobody listens.
   *
   * @param address any address that the table maps
   */
  static EntryTrace of(MmContext context, long address) {
    Tracer tracer = context.kernel().tracer();
    long size = 1L << context.geometry().pmdShift();
    return tracer == null ? null : new EntryTrace(context, tracer, address & -size);
  }

  void changed(int index, long from, long to) {
    if (from != to) {
      long address = base + index * context.geometry().pageSize();
      tracer.entryChanged(
          context.mm(), address, from, to, Pte.toString(from) + " -> " + Pte.toString(to));
    }
  }

  void moved(long[] entries, long to) {
    for (int i = 0; i < entries.length; i++) {
      changed(i, entries[i], Pte.NONE);
    }
    base = to;
    for (int i = 0; i < entries.length; i++) {
      changed(i, Pte.NONE, entries[i]);
    }
  }
}

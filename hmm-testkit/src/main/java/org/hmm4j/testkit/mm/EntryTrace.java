// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.mm.Pte;
import org.hmm4j.trace.Tracer;

/** Reports the changes of one table. There is none where nobody listens. */
final class EntryTrace {

  private final MmContext context;
  private final Tracer tracer;
  private final long entrySize;

  /** The first address that the table maps. */
  @GuardedBy("lock of the table")
  private long base;

  private EntryTrace(MmContext context, Tracer tracer, int tableShift, int shift, long address) {
    this.context = context;
    this.tracer = tracer;
    this.entrySize = 1L << shift;
    this.base = address & -(1L << tableShift);
  }

  /**
   * Makes what reports the changes of the leaf table of an address; null if nobody listens.
   *
   * @param address any address that the table maps
   */
  static EntryTrace of(MmContext context, long address) {
    Tracer tracer = context.kernel().tracer();
    PageTableGeometry geometry = context.geometry();
    return tracer == null
        ? null
        : new EntryTrace(context, tracer, geometry.pmdShift(), geometry.pageShift(), address);
  }

  /** As {@link #of}, for the table of the second level. */
  static EntryTrace ofPmds(MmContext context, long address) {
    Tracer tracer = context.kernel().tracer();
    PageTableGeometry geometry = context.geometry();
    return tracer == null
        ? null
        : new EntryTrace(context, tracer, geometry.pudShift(), geometry.pmdShift(), address);
  }

  /** As {@link #of}, for the table of the third level. */
  static EntryTrace ofPuds(MmContext context, long address) {
    Tracer tracer = context.kernel().tracer();
    PageTableGeometry geometry = context.geometry();
    return tracer == null
        ? null
        : new EntryTrace(context, tracer, geometry.pgdShift(), geometry.pudShift(), address);
  }

  void changed(int index, long from, long to) {
    if (from != to) {
      long address = base + index * entrySize;
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

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.REQ;
import static org.hmm4j.impl.range.Bench.V;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.Test;

/**
 * Card X01: a whole invalidation between the fault and the check. The mirror API does not see it,
 * as the kernel's did not; the interval API does.
 */
final class AbaTest {

  private final MirrorBench it = new MirrorBench();
  private final Bench bench = it.bench;

  private void replacePage() {
    it.start(4, 5);
    bench.tables.putPte(bench.at(4), Pte.present(0x999, 0));
    it.end(4, 5);
  }

  @Test
  void R224_x01_theMirrorApiHasTheHole() {
    HmmMirror mirror = it.mirror("a");
    HmmRange range = it.registered(mirror, 4, 5).defaultFlags(REQ);
    assertEquals(Errno.OK, bench.locked(() -> mirror.rangeFault(range)));
    long stale = range.pfn(0);
    it.other(this::replacePage).join();
    assertTrue(range.valid(), "the known hole: a stale page is called valid");
    assertEquals(stale, range.pfn(0));
    assertEquals(Errno.OK, bench.locked(() -> mirror.rangeFault(range)));
    assertEquals(0x999 | V, range.pfn(0));
  }

  @Test
  void N226_x01_theIntervalApiHasNot() {
    MmuIntervalNotifier notifier = bench.everything();
    HmmRange range = bench.range(4, 5).defaultFlags(REQ);
    assertEquals(Errno.OK, bench.fault(range));
    it.other(this::replacePage).join();
    assertTrue(notifier.readRetry(range.notifierSeq()));
    assertEquals(Errno.EBUSY, bench.locked(() -> bench.hmm.rangeFault(range)));
    assertEquals(Errno.OK, bench.fault(range));
    assertTrue(!notifier.readRetry(range.notifierSeq()));
    assertEquals(0x999 | V, range.pfn(0));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.machine.Step;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierEndOps;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/** The notifier core of 5.5 and later: X01, X08 to X11. */
final class IntervalCards {

  private static final long PAGE = 1L << CardSpace.PAGE_SHIFT;

  private IntervalCards() {}

  /** X01: a whole invalidation between the fault and the check. */
  static void intervalApiSeesAba(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    MmuIntervalNotifier notifier = scene.everything();
    HmmRange range = scene.range(4, 5).defaultFlags(HmmPfn.REQ_FAULT);
    assertEquals(Errno.OK, scene.fault(range));
    replacePage(scene);
    scene.rule("I42", "an invalidation after read_begin makes read_retry true");
    assertTrue(notifier.readRetry(range.notifierSeq()), "stale pages would be programmed");
  }

  /** X01: the mirror API has the hole, as the kernel had. */
  static void mirrorApiHasAba(Scene scene) {
    scene.space.vma(0, 64, CardSpace.RW);
    HmmMirror mirror = scene.mirror("a");
    HmmRange range = scene.registered(mirror, 4, 5).defaultFlags(HmmPfn.REQ_FAULT);
    assertEquals(Errno.OK, scene.locked(() -> mirror.rangeFault(range)));
    replacePage(scene);
    scene.rule("I26", "known hole: the mirror API calls a stale page valid");
    assertTrue(range.valid());
    assertEquals(CardSpace.frame(4), HmmPfn.pfn(range.pfn(0)));
  }

  private static void replacePage(Scene scene) {
    scene
        .other(
            "B",
            () -> {
              scene.start(4, 5);
              scene.tables.pte(4, Pte.present(0x999, 0));
              scene.end(4, 5);
            })
        .join();
  }

  /** X08: a remove looks at the sequence while the end is still at the deferred list. */
  static void removeWaitsForTheEnd(Scene scene) {
    MmuIntervalNotifier sub = scene.everything();
    scene.start(4, 5);
    Stop waiting = scene.stop("A", Step.WAIT, "mmu_notifier wq");
    Side leaver = scene.other("A", sub::remove);
    waiting.awaitReached();
    Stop ending = scene.stop("B", Step.UNLOCK, "mmu_notifier_subscriptions->lock");
    Side changer = scene.other("B", () -> scene.end(4, 5));
    ending.awaitReached();
    scene.rule("I38", "after remove the core does not touch the interval");
    waiting.go();
    leaver.mustWait("removed, but the end still goes over the deferred list");
    ending.go();
    changer.join();
    leaver.join();
  }

  /** X09: an interval for an mm that has exited and is only kept in memory. */
  static void insertNeedsAUser(Scene scene) {
    scene.everything();
    scene.mm.mmgrab();
    scene.mm.mmput();
    scene.rule("I37", "an interval is inserted only while the mm has a user");
    MmuIntervalNotifier late = scene.notifiers.intervalNotifier((sub, range, seq) -> true);
    assertEquals(Errno.EINVAL, late.insert(scene.mm, 0, PAGE), "it would never be released");
    assertEquals(1, scene.warnings().size(), "and warns");
  }

  /** Counts what it gets. */
  private static final class Counting implements MmuNotifierEndOps {
    private final List<String> got = new ArrayList<>();

    @Override
    public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
      got.add("start");
      return Errno.OK;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifier subscription, MmuNotifierRange range) {
      got.add("end");
    }
  }

  /** Can't do it without sleeping. */
  private static final class Refusing implements MmuNotifierOps {
    @Override
    public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
      return range.blockable() ? Errno.OK : Errno.EAGAIN;
    }
  }

  private static void register(Scene scene, MmuNotifierOps ops) {
    assertEquals(Errno.OK, scene.notifiers.notifier(ops).register(scene.mm));
  }

  /** X10: one notifier has started when another refuses. */
  static void startedGetTheirEnd(Scene scene) {
    Counting counting = new Counting();
    register(scene, new Refusing());
    register(scene, counting);
    scene.rule("I22", "in a failing start, who has started gets one end");
    assertEquals(Errno.EAGAIN, scene.startNonblock(4, 5));
    assertEquals(List.of("start", "end"), counting.got, "its counter never returns to 0");
  }

  /** X11: the intervals have started when the list refuses. */
  static void failedListEndsTheIntervals(Scene scene) {
    MmuIntervalNotifier sub = scene.everything();
    register(scene, new Refusing());
    assertEquals(Errno.EAGAIN, scene.startNonblock(4, 5));
    scene.rule("I43", "if every start gets its end, every read_begin returns");
    scene
        .other("A", () -> assertFalse(sub.readRetry(sub.readBegin())))
        .mustEnd("read_begin waits for an invalidation that nobody will end");
  }
}

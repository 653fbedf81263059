// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierEndOps;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Brackets under the mmap lock for read, while notifiers come and go both ways. Checks I54 to I56
 * on the way. Set {@code hmm.test.seed} to replay the choices of a run.
 */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
final class ListStressTest {

  private static final long PAGE = 0x1000;
  private static final int INVALIDATORS = 2;
  private static final int BRACKETS = 10_000;
  private static final int LIVES = 1_500;

  private final Bench bench = new Bench();
  private final AtomicInteger allocated = new AtomicInteger();
  private final AtomicInteger freed = new AtomicInteger();

  @RepeatedTest(3)
  void N103_N113_N118_N120_i54_i55_i56_hold(TestReporter reporter) {
    long seed = Long.getLong("hmm.test.seed", System.nanoTime());
    reporter.publishEntry("seed", Long.toString(seed));
    SplittableRandom random = new SplittableRandom(seed);
    Life always = new Life();
    ListNotifier notifier = bench.register(always);
    List<Background> tasks = new ArrayList<>();
    for (int i = 0; i < INVALIDATORS; i++) {
      SplittableRandom own = random.split();
      tasks.add(Background.run(bench, "invalidator" + i, () -> invalidate(own)));
    }
    tasks.add(Background.run(bench, "registers", this::registerAndUnregister));
    SharedLife shared = new SharedLife();
    tasks.add(Background.run(bench, "gets0", () -> getAndPut(shared)));
    tasks.add(Background.run(bench, "gets1", () -> getAndPut(shared)));
    tasks.forEach(Background::join);

    assertEquals(0, always.open.get());
    assertTrue(always.started.get() > 0);
    notifier.unregister();
    bench.core.synchronize();
    assertNotEquals(0, allocated.get());
    assertEquals(allocated.get(), freed.get());
    assertEquals(1, bench.mm.mmCount());
    bench.close();
  }

  private void invalidate(SplittableRandom random) {
    for (int i = 0; i < BRACKETS; i++) {
      MmuNotifierRange range = bench.range(PAGE, 2 * PAGE);
      bench.mm.mmapLock().readLock();
      if (random.nextBoolean()) {
        bench.core.invalidateRangeStart(range);
        bench.end(range);
      } else {
        range = range.nonBlockable();
        if (bench.core.invalidateRangeStartNonblock(range) == Errno.OK) {
          bench.end(range);
        }
      }
      bench.mm.mmapLock().readUnlock();
    }
  }

  private void registerAndUnregister() {
    for (int i = 0; i < LIVES; i++) {
      Life life = new Life();
      ListNotifier notifier = bench.register(life);
      notifier.unregister();
      life.over = true;
      assertEquals(1, life.released.get(), "i55: release was called");
    }
  }

  private void getAndPut(SharedLife ops) {
    for (int i = 0; i < LIVES; i++) {
      ErrPtr<MmuNotifier> got = bench.core.get(ops, bench.mm);
      assertEquals(Errno.OK, got.errno());
      assertFalse(((Shared) got.value().container()).free, "got a notifier that was freed");
      got.value().put();
    }
  }

  /** A notifier that counts its brackets and must not be called any more once it is over. */
  private static class Life implements MmuNotifierEndOps {
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger released = new AtomicInteger();
    private volatile boolean over;

    @Override
    public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
      assertFalse(over, "i55: a start after unregister");
      started.incrementAndGet();
      open.incrementAndGet();
      return Errno.OK;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifier subscription, MmuNotifierRange range) {
      assertFalse(over, "i55: an end after unregister");
      assertTrue(open.getAndDecrement() > 0, "i56: an end without its start");
    }

    @Override
    public void release(MmuNotifier subscription, MmStruct mm) {
      released.incrementAndGet();
    }
  }

  /** What a counted notifier is embedded in. */
  private static final class Shared {
    private final AtomicInteger open = new AtomicInteger();
    private volatile boolean free;
  }

  /** The ops of all of them; refuses some of the starts. */
  private final class SharedLife implements MmuNotifierOps {
    private final AtomicInteger turn = new AtomicInteger();

    @Override
    public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
      Shared shared = (Shared) subscription.container();
      shared.open.incrementAndGet();
      Thread.onSpinWait();
      assertFalse(shared.free, "i54: called after free");
      shared.open.decrementAndGet();
      boolean refuse = !range.blockable() && turn.incrementAndGet() % 3 == 0;
      return refuse ? Errno.EAGAIN : Errno.OK;
    }

    @Override
    public ErrPtr<?> allocNotifier(MmStruct mm) {
      allocated.incrementAndGet();
      return ErrPtr.of(new Shared());
    }

    @Override
    public void freeNotifier(MmuNotifier subscription) {
      Shared shared = (Shared) subscription.container();
      assertFalse(shared.free, "i54: freed twice");
      assertEquals(0, shared.open.get(), "i54: freed while a callback runs");
      shared.free = true;
      freed.incrementAndGet();
    }
  }
}

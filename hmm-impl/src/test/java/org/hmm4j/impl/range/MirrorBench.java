// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.HmmUpdate;

/** A bench for the mirror API: mirrors with scripted callbacks, and a second task. */
final class MirrorBench {

  private static final long PATIENCE_SECONDS = 30;

  final Bench bench;

  /** What the callbacks of all mirrors were called with, in order. */
  final List<String> calls = new CopyOnWriteArrayList<>();

  MirrorBench() {
    this(KernelOptions.defaults());
  }

  MirrorBench(KernelOptions options) {
    bench = new Bench(ScriptedAddressSpace.SMALL, options);
    bench.space.vma(0, 64, ScriptedAddressSpace.RW);
  }

  /** Callbacks that note each call and then do what the test says. */
  final class Ops implements HmmMirrorOps {
    final String name;
    Function<HmmUpdate, Errno> onSync = update -> Errno.OK;
    Consumer<HmmMirror> onRelease = mirror -> {};

    Ops(String name) {
      this.name = name;
    }

    @Override
    public Errno syncCpuDevicePagetables(HmmMirror mirror, HmmUpdate update) {
      calls.add("sync " + name);
      return onSync.apply(update);
    }

    @Override
    public void release(HmmMirror mirror) {
      calls.add("release " + name);
      onRelease.accept(mirror);
    }
  }

  Ops ops(String name) {
    return new Ops(name);
  }

  Errno register(HmmMirror mirror) {
    bench.mm.mmapLock().writeLock();
    try {
      return mirror.register(bench.mm);
    } finally {
      bench.mm.mmapLock().writeUnlock();
    }
  }

  HmmMirror mirror(Ops ops) {
    HmmMirror mirror = bench.hmm.mirror(ops);
    assertEquals(Errno.OK, register(mirror));
    return mirror;
  }

  HmmMirror mirror(String name) {
    return mirror(ops(name));
  }

  HmmRange registered(HmmMirror mirror, long firstPage, long endPage) {
    HmmRange range = bench.range(firstPage, endPage);
    assertEquals(Errno.OK, mirror.rangeRegister(range));
    return range;
  }

  void start(long firstPage, long endPage) {
    bench.notifiers.invalidateRangeStart(bench.change(firstPage, endPage));
  }

  void end(long firstPage, long endPage) {
    bench.notifiers.invalidateRangeEnd(bench.change(firstPage, endPage));
  }

  Errno startNonblock(long firstPage, long endPage) {
    return bench.notifiers.invalidateRangeStartNonblock(nonblock(firstPage, endPage));
  }

  MmuNotifierRange nonblock(long firstPage, long endPage) {
    return bench.change(firstPage, endPage).nonBlockable();
  }

  /** The types of what is not freed yet. */
  List<String> live() {
    return bench.kernel.allocations().live().stream().map(Allocation::type).sorted().toList();
  }

  long live(String type) {
    return live().stream().filter(type::equals).count();
  }

  List<String> warnings() {
    return bench.kernel.warnings().stream().map(warning -> warning.message()).toList();
  }

  /** Runs something in another task, to be joined with {@link Other#join}. */
  Other other(Runnable body) {
    Other other = new Other();
    other.thread =
        new Thread(
            () -> {
              try {
                body.run();
              } catch (RuntimeException | Error thrown) {
                other.thrown = thrown;
              }
            });
    other.thread.setDaemon(true);
    other.thread.start();
    return other;
  }

  /** A second task. */
  static final class Other {
    private Thread thread;
    private volatile Throwable thrown;

    /** Waits for its end and passes on what it threw. */
    void join() {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      assertTrue(!thread.isAlive(), "a task hangs");
      if (thrown instanceof RuntimeException runtime) {
        throw runtime;
      } else if (thrown instanceof Error error) {
        throw error;
      }
    }

    /** Waits until it sleeps, as one does in a lock that is held. */
    void awaitAsleep() {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (thread.getState() != Thread.State.WAITING
          && thread.getState() != Thread.State.TIMED_WAITING) {
        assertTrue(System.nanoTime() < deadline && thread.isAlive(), "it does not sleep");
        Thread.onSpinWait();
      }
    }

    boolean isAlive() {
      return thread.isAlive();
    }
  }

  static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "nobody opened the latch");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}

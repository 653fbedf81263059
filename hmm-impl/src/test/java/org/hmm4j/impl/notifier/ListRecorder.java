// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import java.util.function.Consumer;
import java.util.function.Function;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierEndOps;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * The callbacks of a list notifier, logged as "name.what", with an action for each. Comes in the
 * three kinds that the core tells apart.
 */
final class ListRecorder {

  private final Bench bench;
  private final String name;
  private Function<MmuNotifierRange, Errno> onStart = range -> Errno.OK;
  private Consumer<MmuNotifierRange> onEnd = range -> {};
  private Consumer<MmuNotifier> onRelease = notifier -> {};
  private Consumer<MmuNotifier> onFree = notifier -> {};
  private Function<MmuNotifierOps, ErrPtr<?>> onAlloc = ErrPtr::of;

  ListRecorder(Bench bench, String name) {
    this.bench = bench;
    this.name = name;
  }

  ListRecorder onStart(Function<MmuNotifierRange, Errno> action) {
    onStart = action;
    return this;
  }

  /** Answers every start in the same way. */
  ListRecorder answers(Errno errno) {
    return onStart(range -> errno);
  }

  ListRecorder onEnd(Consumer<MmuNotifierRange> action) {
    onEnd = action;
    return this;
  }

  ListRecorder onRelease(Consumer<MmuNotifier> action) {
    onRelease = action;
    return this;
  }

  ListRecorder onFree(Consumer<MmuNotifier> action) {
    onFree = action;
    return this;
  }

  ListRecorder onAlloc(Function<MmuNotifierOps, ErrPtr<?>> action) {
    onAlloc = action;
    return this;
  }

  /** Hears of starts only. */
  MmuNotifierOps startOnly() {
    return new StartOnly();
  }

  /** Hears of starts and ends. */
  MmuNotifierEndOps bracket() {
    return new Bracket();
  }

  /** Hears of both, in the manner of 5.3. */
  SelfUnwindingOps selfUnwinding() {
    return new SelfUnwinding();
  }

  private void log(String what) {
    bench.log().add(name + "." + what);
  }

  private class StartOnly implements MmuNotifierOps {
    @Override
    public Errno invalidateRangeStart(MmuNotifier subscription, MmuNotifierRange range) {
      log("start");
      return onStart.apply(range);
    }

    @Override
    public void release(MmuNotifier subscription, MmStruct mm) {
      log("release");
      onRelease.accept(subscription);
    }

    @Override
    public ErrPtr<?> allocNotifier(MmStruct mm) {
      log("alloc");
      return onAlloc.apply(this);
    }

    @Override
    public void freeNotifier(MmuNotifier subscription) {
      log("free");
      onFree.accept(subscription);
    }
  }

  private class Bracket extends StartOnly implements MmuNotifierEndOps {
    @Override
    public void invalidateRangeEnd(MmuNotifier subscription, MmuNotifierRange range) {
      log("end");
      onEnd.accept(range);
    }
  }

  private final class SelfUnwinding extends Bracket implements SelfUnwindingOps {}
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.notifier.MmuNotifierRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callbacks of list notifiers that throw: everybody else is told, and the counts balance. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class ListCallbackFailureTest {

  private final Bench bench = new Bench();

  @AfterEach
  void nothingIsLeft() {
    bench.close();
  }

  private static void raise(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  private static Throwable failure(boolean error) {
    return error ? new AssertionError("broken") : new IllegalStateException("broken");
  }

  private KernelBug start(boolean blockable) {
    MmuNotifierRange range = bench.range(0x1000, 0x2000);
    return bench.assertBug(
        Rule.CALLBACK_THREW,
        () -> {
          if (blockable) {
            bench.core.invalidateRangeStart(range);
          } else {
            bench.core.invalidateRangeStartNonblock(range.nonBlockable());
          }
        });
  }

  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,true", "false,false"})
  void N140_aStartThatThrowsIsTakenBack(boolean blockable, boolean error) {
    Throwable failure = failure(error);
    List<ListNotifier> all =
        List.of(
            bench.register(bench.recorder("oldest").bracket()),
            bench.register(
                bench
                    .recorder("throws")
                    .onStart(
                        range -> {
                          raise(failure);
                          return Errno.OK;
                        })
                    .bracket()),
            bench.register(bench.recorder("newest").bracket()));

    KernelBug bug = start(blockable);

    assertSame(failure, bug.getCause());
    assertTrue(bug.getMessage().contains("broken"), bug::getMessage);
    assertTrue(bug.getMessage().contains("Bracket"), bug::getMessage);
    bench.assertLog("newest.start", "throws.start", "oldest.start", "newest.end", "oldest.end");
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(bench.range(0x1000, 0x2000)));
    assertFalse(bench.kernel.context().isAtomic());
    all.forEach(ListNotifier::unregister);
  }

  @Test
  void N140_theFirstFailureIsThrownWithTheOthersAttached() {
    List<ListNotifier> all =
        List.of(
            bench.register(throwing("second").startOnly()),
            bench.register(throwing("first").startOnly()));

    KernelBug bug = start(true);

    assertEquals("first", bug.getCause().getMessage());
    assertEquals(1, bug.getSuppressed().length);
    assertEquals("second", bug.getSuppressed()[0].getCause().getMessage());
    all.forEach(ListNotifier::unregister);
  }

  @Test
  void aFailureBesideAThrowIsEndedOnce() {
    List<ListNotifier> all =
        List.of(
            bench.register(bench.recorder("other").bracket()),
            bench.register(bench.recorder("fails").answers(Errno.EAGAIN).startOnly()),
            bench.register(throwing("throws").startOnly()));

    start(false);

    bench.assertLog("throws.start", "fails.start", "other.start", "other.end");
    all.forEach(ListNotifier::unregister);
  }

  @Test
  void anAnswerOfNullIsAThrow() {
    ListNotifier other = bench.register(bench.recorder("other").bracket());
    ListNotifier silent = bench.register(bench.recorder("silent").answers(null).bracket());

    KernelBug bug = start(false);

    assertInstanceOf(NullPointerException.class, bug.getCause());
    bench.assertLog("silent.start", "other.start", "other.end");
    bench.assertNoWarning();
    silent.unregister();
    other.unregister();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void N140_anEndThatThrowsKeepsNobodyFromHearingOfIt(boolean error) {
    Throwable failure = failure(error);
    List<ListNotifier> all =
        List.of(
            bench.register(bench.recorder("oldest").bracket()),
            bench.register(bench.recorder("throws").onEnd(range -> raise(failure)).bracket()),
            bench.register(bench.recorder("newest").bracket()));
    MmuNotifierRange range = bench.start(0x1000, 0x2000);
    bench.log().clear();

    KernelBug bug = bench.assertBug(Rule.CALLBACK_THREW, () -> bench.end(range));

    assertSame(failure, bug.getCause());
    bench.assertLog("newest.end", "throws.end", "oldest.end");
    bench.assertBug(Rule.UNBALANCED_END, () -> bench.end(range));
    all.forEach(ListNotifier::unregister);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void N140_aReleaseThatThrowsInUnregisterUnregistersAllTheSame(boolean error) {
    Throwable failure = failure(error);
    ListNotifier notifier =
        bench.register(bench.recorder("n").onRelease(self -> raise(failure)).startOnly());

    KernelBug bug = bench.assertBug(Rule.CALLBACK_THREW, notifier::unregister);

    assertSame(failure, bug.getCause());
    assertEquals(1, bench.mm.mmCount());
    assertFalse(notifier.isLinked());
    bench.assertLog("n.release");
    bench.assertBug(Rule.DOUBLE_FREE, notifier::unregister);
  }

  @Test
  void N140_aReleaseThatThrowsAtExitKeepsNobodyFromBeingReleased() {
    ListNotifier quiet = bench.register(bench.recorder("quiet").startOnly());
    ListNotifier loud =
        bench.register(
            bench
                .recorder("loud")
                .onRelease(self -> raise(new AssertionError("broken")))
                .startOnly());

    bench.assertBug(Rule.CALLBACK_THREW, bench.mm::mmput);

    bench.assertLog("loud.release", "quiet.release", "exitMmap");
    assertFalse(quiet.isLinked());
    loud.unregister();
    quiet.unregister();
  }

  private ListRecorder throwing(String name) {
    return bench
        .recorder(name)
        .onStart(
            range -> {
              throw new IllegalStateException(name);
            });
  }
}

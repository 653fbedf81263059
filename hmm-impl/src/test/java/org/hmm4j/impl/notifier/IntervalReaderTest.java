// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifierRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** The collisions of one reader with one invalidation: semantics 5.7, row by row. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
final class IntervalReaderTest {

  private static final long PAGE = 0x1000;

  private final Bench bench = new Bench();
  private final Mutex lock = bench.kernel.mutex("driver");
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  /** Whether the device maps the page; under the driver's lock. */
  private boolean mapped;

  private boolean stops;
  private IntervalNotifier sub;

  @BeforeEach
  void insert() {
    sub = bench.insert(this::invalidate, PAGE, PAGE);
  }

  @AfterEach
  void nothingIsLeft() {
    bench.assertIdle();
    sub.remove();
    bench.close();
  }

  private boolean invalidate(MmuIntervalNotifier notifier, MmuNotifierRange range, long curSeq) {
    if (stops) {
      entered.countDown();
      Background.await(goOn);
    }
    lock.lock();
    notifier.setSeq(curSeq);
    mapped = false;
    lock.unlock();
    bench.log().add("invalidated");
    return true;
  }

  private MmuNotifierRange start() {
    return bench.start(PAGE, 2 * PAGE);
  }

  /** The second half of a reader: true if it has programmed the device. */
  private boolean program(long seq) {
    lock.lock();
    try {
      // i44: what the test without the lock says for sure, the one with the lock says too.
      boolean early = sub.checkRetry(seq);
      boolean retry = sub.readRetry(seq);
      assertTrue(!early || retry);
      mapped |= !retry;
      return !retry;
    } finally {
      lock.unlock();
    }
  }

  @Test
  void N222_row0_withoutAnInvalidationThereIsNeitherWaitNorRetry() {
    long seq = sub.readBegin();
    assertFalse(sub.checkRetry(seq));
    assertTrue(program(seq));
    assertEquals(1, seq);
  }

  @Test
  void N222_row1_startAndEndBeforeReadBegin() {
    bench.end(start());
    long seq = sub.readBegin();
    assertTrue(program(seq));
    assertTrue(mapped);
  }

  @Test
  void N223_row2_i42b_readBeginBetweenCallbackAndEndWaitsForTheEnd() {
    MmuNotifierRange range = start();
    Background reader =
        Background.run(
            bench,
            "reader",
            () -> {
              long seq = sub.readBegin();
              bench.log().add("read");
              assertTrue(program(seq));
            });
    reader.awaitBlocked();
    bench.log().add("end");
    bench.end(range);
    reader.join();
    bench.assertLog("invalidated", "end", "read");
    assertTrue(mapped);
  }

  @Test
  void N223_row2_readBeginWaitsForTheWholeFullPeriod() {
    MmuNotifierRange range = start();
    MmuNotifierRange elsewhere = bench.start(9 * PAGE, 10 * PAGE);
    Background reader = Background.run(bench, "reader", () -> assertTrue(program(sub.readBegin())));
    reader.awaitBlocked();
    bench.end(range);
    assertFalse(reader.isDone());
    reader.awaitBlocked();
    bench.end(elsewhere);
    reader.join();
    assertTrue(mapped);
  }

  @Test
  void N224_row2_afterTheWaitARetryMayBeNeededAllTheSame() {
    MmuNotifierRange first = start();
    long[] seq = new long[1];
    Background reader = Background.run(bench, "reader", () -> seq[0] = sub.readBegin());
    reader.awaitBlocked();
    bench.end(first);
    reader.join();
    MmuNotifierRange second = start();
    assertTrue(sub.checkRetry(seq[0]));
    assertFalse(program(seq[0]));
    bench.end(second);
  }

  @Test
  void N225_row3_readBeginBeforeTheCallbackHasRecordedDoesNotWaitAndRetries() {
    stops = true;
    Background invalidator = Background.run(bench, "invalidator", () -> bench.end(start()));
    Background.await(entered);
    long seq = sub.readBegin();
    assertFalse(sub.checkRetry(seq));
    goOn.countDown();
    invalidator.join();
    assertTrue(sub.checkRetry(seq));
    assertFalse(program(seq));
    assertFalse(mapped);
  }

  @Test
  void N225_row3_aReaderThatIsFasterThanTheCallbackIsTornDownByIt() {
    stops = true;
    Background invalidator = Background.run(bench, "invalidator", () -> bench.end(start()));
    Background.await(entered);
    assertTrue(program(sub.readBegin()));
    assertTrue(mapped);
    goOn.countDown();
    invalidator.join();
    assertFalse(mapped);
  }

  @Test
  void N226_N228_row4_i42_aStartAfterReadBeginMakesItRetry() {
    long seq = sub.readBegin();
    MmuNotifierRange range = start();
    assertTrue(sub.checkRetry(seq));
    assertFalse(program(seq));
    bench.end(range);
    assertFalse(program(seq));
    assertTrue(program(sub.readBegin()));
  }

  @Test
  void N227_row5_aStartAfterReadRetryTearsDownWhatWasProgrammed() {
    long seq = sub.readBegin();
    assertTrue(program(seq));
    bench.end(start());
    assertFalse(mapped);
    assertTrue(sub.checkRetry(seq));
  }

  @Test
  void N229_anInvalidationElsewhereNeitherBlocksNorRetries() {
    long seq = sub.readBegin();
    MmuNotifierRange range = bench.start(9 * PAGE, 10 * PAGE);
    assertTrue(program(seq));
    assertTrue(program(sub.readBegin()));
    bench.end(range);
  }

  @Test
  void N213_anIntervalThatWasInsertedWhilePartialCountsAsHit() {
    MmuNotifierRange miss = bench.start(9 * PAGE, 10 * PAGE);
    IntervalNotifier added = bench.insert(this::invalidate, 9 * PAGE, PAGE);
    Background reader =
        Background.run(bench, "reader", () -> assertFalse(added.checkRetry(added.readBegin())));
    reader.awaitBlocked();
    bench.end(miss);
    reader.join();
    added.remove();
  }

  @Test
  void N214_aPendingIntervalCountsAsHit() {
    MmuNotifierRange hit = start();
    IntervalNotifier added = bench.insert(this::invalidate, 9 * PAGE, PAGE);
    Background reader =
        Background.run(bench, "reader", () -> assertFalse(added.checkRetry(added.readBegin())));
    reader.awaitBlocked();
    bench.end(hit);
    reader.join();
    added.remove();
  }

  @Test
  void N230_i43_allReadersAreWokenByOneEnd() {
    MmuNotifierRange range = start();
    Background[] readers = new Background[4];
    for (int i = 0; i < readers.length; i++) {
      readers[i] = Background.run(bench, "reader" + i, sub::readBegin);
    }
    for (Background reader : readers) {
      reader.awaitBlocked();
    }
    bench.end(range);
    for (Background reader : readers) {
      reader.join();
    }
  }
}

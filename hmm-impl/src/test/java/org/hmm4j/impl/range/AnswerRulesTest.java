// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.words;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/** What holds for every answer, whatever the tables: on random ones, without a model. */
final class AnswerRulesTest {

  private static final int LAST = RandomSpace.PAGES - 1;
  private static final int PAGES = 100;
  private static final int TRIES = 2000;

  /** A world whose range was answered with OK. */
  private static RandomWorld answered(long seed, int start) {
    RandomWorld world = new RandomWorld(seed, start, PAGES);
    Assume.that(world.fault(0) == Errno.OK);
    return world;
  }

  @Property(tries = TRIES)
  void R113_i29_everyEntryIsWritten(@ForAll long seed, @ForAll @IntRange(max = LAST) int start) {
    for (long entry : answered(seed, start).range.pfns()) {
      assertNotEquals(RandomWorld.SENTINEL, HmmPfn.pfn(entry));
    }
  }

  @Property(tries = TRIES)
  void R114_i34_whatIsRequestedIsThere(@ForAll long seed, @ForAll @IntRange(max = LAST) int start) {
    RandomWorld world = answered(seed, start);
    for (int i = 0; i < world.inputs.length; i++) {
      long entry = world.range.pfn(i);
      if (world.asks(i) && !isHugetlb(entry)) {
        assertTrue(HmmPfn.isValid(entry), "page " + i);
        boolean write = (world.request(i) & HmmPfn.REQ_WRITE) != 0;
        assertTrue(!write || HmmPfn.isWritable(entry) || isOwn(entry), "page " + i);
      }
    }
  }

  private static boolean isOwn(long entry) {
    return HmmPfn.pfn(entry) == 0x500;
  }

  /** Row 12: only the first page of a block is asked. */
  private static boolean isHugetlb(long entry) {
    return HmmPfn.mapOrder(entry) == 2;
  }

  @Property(tries = TRIES)
  void R115_i32_theAnswerDoesNotDependOnTheRequest(
      @ForAll long seed, @ForAll @IntRange(max = LAST) int start) {
    RandomWorld world = answered(seed, start);
    HmmRange snapshot =
        HmmRange.of(world.range.start(), world.range.end())
            .devPrivateOwner(world.range.devPrivateOwner());
    assertEquals(Errno.OK, world.bench.fault(snapshot));
    assertEquals(words(world.range.pfns()), words(snapshot.pfns()));
  }

  @Property(tries = TRIES)
  void R116_i33_equalWorldsGiveEqualAnswers(
      @ForAll long seed,
      @ForAll @IntRange(max = LAST) int start,
      @ForAll @IntRange(max = LAST) int before) {
    RandomWorld one = new RandomWorld(seed, start, PAGES);
    RandomWorld other = new RandomWorld(seed, start, PAGES);
    HmmRange snapshot = other.bench.range(before, RandomSpace.PAGES);
    assertEquals(Errno.OK, other.bench.fault(snapshot));
    assertEquals(one.fault(0), other.fault(0));
    assertEquals(words(one.range.pfns()), words(other.range.pfns()));
  }

  @Property(tries = TRIES)
  void R117_i35_writeImpliesValidAndErrorStandsAlone(
      @ForAll long seed, @ForAll @IntRange(max = LAST) int start) {
    for (long entry : answered(seed, start).range.pfns()) {
      if ((entry & HmmPfn.WRITE) != 0) {
        assertTrue(HmmPfn.isValid(entry));
      }
      if (HmmPfn.isError(entry)) {
        assertEquals(HmmPfn.ERROR, entry);
      }
    }
  }

  @Property(tries = TRIES)
  void R139_i46_oneHugeMappingHasOneOrderAndRisingFrames(
      @ForAll long seed, @ForAll @IntRange(max = LAST) int start) {
    long[] pfns = answered(seed, start).range.pfns();
    for (int i = 1; i < pfns.length; i++) {
      int order = HmmPfn.mapOrder(pfns[i]);
      boolean sameMapping = (start + i & (1L << order) - 1) != 0;
      if (order != 0 && sameMapping && HmmPfn.mapOrder(pfns[i - 1]) == order) {
        assertEquals(pfns[i - 1] + 1, pfns[i], "page " + i);
      }
    }
  }

  @Property(tries = TRIES)
  void R118_i47_anErrorIsAnErrorWhenRequested(
      @ForAll long seed, @ForAll @IntRange(max = LAST) int start) {
    RandomWorld world = answered(seed, start);
    int checked = 0;
    for (int i = 0; i < world.range.pfns().length && checked < 3; i++) {
      // A special page without access goes to the fault handler first, which may replace it.
      boolean present = Pte.isPresent(world.bench.tables.peekPte((long) (start + i) << 12));
      if (world.range.pfn(i) == HmmPfn.ERROR && !present) {
        checked++;
        HmmRange one = world.bench.range(start + i, start + i + 1);
        assertEquals(Errno.EFAULT, world.bench.fault(one.defaultFlags(HmmPfn.REQ_FAULT)));
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.words;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.range.HmmPfn;

/** Random tables, random requests: the walk against the model. */
final class WalkAgainstModelTest {

  private static final List<Errno> POSSIBLE =
      List.of(Errno.OK, Errno.EPERM, Errno.EFAULT, Errno.EBUSY);

  @Property(tries = 3000)
  void R112_theWalkDoesWhatTheModelDoes(
      @ForAll long seed,
      @ForAll @IntRange(max = RandomSpace.PAGES - 1) int start,
      @ForAll @IntRange(min = 1, max = 300) int length,
      @ForAll @IntRange(max = 30) int collision) {
    RandomWorld engine = new RandomWorld(seed, start, length);
    RandomWorld model = new RandomWorld(seed, start, length);
    Errno expected =
        model.bench.locked(() -> new WalkModel(model.bench.space, model.range, collision).run());
    Errno errno = engine.fault(collision);
    Statistics.collect(errno);
    assertEquals(expected, errno);
    assertEquals(model.bench.space.faults, engine.bench.space.faults);
    assertEquals(model.bench.tables.waits, engine.bench.tables.waits);
    assertEquals(model.bench.tables.splits, engine.bench.tables.splits);
    assertEquals(words(model.range.pfns()), words(engine.range.pfns()));
    assertTrue(POSSIBLE.contains(errno), "I30");
    assertTrue(errno != Errno.EBUSY || collision != 0, "I48b");
    assertEquals(List.of(), engine.bench.kernel.warnings());
  }

  @Property(tries = 1000)
  void R119_i36_i47b_withoutAnyRequestTheCallSucceedsAndTouchesNothing(
      @ForAll long seed,
      @ForAll @IntRange(max = RandomSpace.PAGES - 1) int start,
      @ForAll @IntRange(min = 1, max = 300) int length) {
    RandomWorld world = new RandomWorld(seed, start, length);
    world.range.defaultFlags(HmmPfn.REQ_WRITE).pfnFlagsMask(HmmPfn.REQ_WRITE);
    assertEquals(Errno.OK, world.fault(0));
    assertEquals(List.of(), world.bench.space.faults);
    assertEquals(List.of(), world.bench.tables.waits);
    assertTrue(
        Arrays.stream(world.range.pfns()).noneMatch(e -> HmmPfn.pfn(e) == RandomWorld.SENTINEL));
  }

  @Property(tries = 1000)
  void R120_i24_whatTheCpuCannotAccessIsNeverValid(
      @ForAll long seed, @ForAll @IntRange(max = RandomSpace.PAGES - 64) int start) {
    RandomWorld world = new RandomWorld(seed, start, 64);
    world.range.defaultFlags(0).pfnFlagsMask(0).devPrivateOwner(null);
    assertEquals(Errno.OK, world.fault(0));
    for (int i = 0; i < 64; i++) {
      long address = world.range.start() + ((long) i << 12);
      boolean table =
          world.bench.tables.peekPgd(address) == Pte.TABLE
              && world.bench.tables.peekPud(address) == Pte.TABLE
              && world.bench.tables.peekPmd(address) == Pte.TABLE;
      long pte = world.bench.tables.peekPte(address);
      boolean accessible = Pte.isPresent(pte) && (pte & Pte.PROTNONE) == 0;
      if (table && !accessible && HmmPfn.mapOrder(world.range.pfn(i)) == 0) {
        assertTrue(!HmmPfn.isValid(world.range.pfn(i)), "page " + i);
      }
    }
  }
}

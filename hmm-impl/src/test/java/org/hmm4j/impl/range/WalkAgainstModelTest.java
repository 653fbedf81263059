// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.hmm4j.impl.range.Bench.words;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/** Random tables, random requests: the walk against the model, and the invariants by themselves. */
final class WalkAgainstModelTest {

  /** In the pfn bits of every input: an output that still has it was not written. */
  private static final long SENTINEL = 0xabcdef;

  private static final long ASK = HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE;
  private static final List<Errno> POSSIBLE =
      List.of(Errno.OK, Errno.EPERM, Errno.EFAULT, Errno.EBUSY);

  /** One address space with a range in it; two of the same seed are equal. */
  private static final class World {

    final Bench bench = new Bench();
    final HmmRange range;
    final long[] inputs;

    World(long seed, int start, int length) {
      new RandomSpace(bench.space, seed).fill();
      range = bench.range(start, Math.min(RandomSpace.PAGES, start + length));
      Random random = new Random(~seed);
      range.defaultFlags(random.nextInt(3) == 0 ? random.nextLong() & ASK : 0);
      range.pfnFlagsMask(random.nextBoolean() ? -1L : random.nextLong() & ASK);
      range.devPrivateOwner(random.nextInt(4) == 0 ? null : RandomSpace.OWNER);
      int rarity = 1 + random.nextInt(30);
      for (int i = 0; i < range.pfns().length; i++) {
        long request = random.nextInt(rarity) == 0 ? random.nextLong() & ASK : 0;
        range.pfns()[i] = request | SENTINEL;
      }
      inputs = range.pfns().clone();
    }

    long request(int index) {
      return inputs[index] & range.pfnFlagsMask() | range.defaultFlags();
    }

    boolean asks(int index) {
      return (request(index) & HmmPfn.REQ_FAULT) != 0;
    }

    /** The engine's answer; each look of the loop is checked by I28. */
    Errno fault(int collisionAtLook) {
      int[] looks = {0};
      HookedNotifier hooked =
          new HookedNotifier(
              bench.everything(),
              () -> {
                assertUntouchedFromSomewhere();
                return ++looks[0] == collisionAtLook;
              });
      range.notifier(hooked, 0);
      return bench.locked(() -> bench.hmm.rangeFault(range));
    }

    /** I28: outputs, and from some page on nothing but inputs. */
    private void assertUntouchedFromSomewhere() {
      int last = 0;
      while (last < inputs.length && range.pfn(last) != inputs[last]) {
        last++;
      }
      for (int i = last; i < inputs.length; i++) {
        assertEquals(inputs[i], range.pfn(i), "an output behind the restart, at " + i);
      }
    }
  }

  @Property(tries = 3000)
  void theWalkDoesWhatTheModelDoes(
      @ForAll long seed,
      @ForAll @IntRange(max = RandomSpace.PAGES - 1) int start,
      @ForAll @IntRange(min = 1, max = 300) int length,
      @ForAll @IntRange(max = 30) int collision) {
    World engine = new World(seed, start, length);
    World model = new World(seed, start, length);
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
    if (errno == Errno.OK) {
      assertAnswers(engine);
    }
  }

  /** What 0 promises, by looking at the answers alone. */
  private static void assertAnswers(World world) {
    HmmRange range = world.range;
    for (int i = 0; i < world.inputs.length; i++) {
      long entry = range.pfn(i);
      assertNotEquals(SENTINEL, HmmPfn.pfn(entry), "I29 at " + i);
      if ((entry & HmmPfn.WRITE) != 0) {
        assertTrue(HmmPfn.isValid(entry), "I35 at " + i);
      }
      if (HmmPfn.isError(entry)) {
        assertEquals(HmmPfn.ERROR, entry, "I35 at " + i);
      }
      if (world.asks(i) && !isHugetlb(world, i)) {
        assertTrue(HmmPfn.isValid(entry), "I34 at " + i);
        boolean write = (world.request(i) & HmmPfn.REQ_WRITE) != 0;
        assertTrue(!write || HmmPfn.isWritable(entry) || isOwn(entry), "I34 write at " + i);
      }
    }
    assertSnapshotAgrees(world);
    assertOrders(world);
    assertErrorsAreErrors(world);
  }

  private static boolean isOwn(long entry) {
    return HmmPfn.pfn(entry) == 0x500;
  }

  /** Row 12: only the first page of a block is asked. */
  private static boolean isHugetlb(World world, int index) {
    return HmmPfn.mapOrder(world.range.pfn(index)) == 2;
  }

  /** I32, I33, I47b: asking for nothing answers the same, always 0, and touches nothing. */
  private static void assertSnapshotAgrees(World world) {
    Bench bench = world.bench;
    long[] answers = world.range.pfns().clone();
    int faults = bench.space.faults.size();
    int waits = bench.tables.waits.size();
    HmmRange snapshot =
        HmmRange.of(world.range.start(), world.range.end())
            .devPrivateOwner(world.range.devPrivateOwner());
    assertEquals(Errno.OK, bench.fault(snapshot), "I36");
    assertEquals(words(answers), words(snapshot.pfns()), "I32");
    assertEquals(faults, bench.space.faults.size(), "I47b");
    assertEquals(waits, bench.tables.waits.size(), "I47b");
  }

  /** I46: in one huge mapping all entries have one order and rising frames. */
  private static void assertOrders(World world) {
    long[] pfns = world.range.pfns();
    long firstPage = world.range.start() >>> 12;
    for (int i = 1; i < pfns.length; i++) {
      int order = HmmPfn.mapOrder(pfns[i]);
      boolean sameMapping = (firstPage + i & (1L << order) - 1) != 0;
      if (order != 0 && sameMapping && HmmPfn.mapOrder(pfns[i - 1]) == order) {
        assertEquals(pfns[i - 1] + 1, pfns[i], "I46 at " + i);
      }
    }
  }

  /** I47: a page that is an error can't be had. */
  private static void assertErrorsAreErrors(World world) {
    int checked = 0;
    for (int i = 0; i < world.range.pfns().length && checked < 3; i++) {
      if (world.range.pfn(i) == HmmPfn.ERROR) {
        checked++;
        long page = (world.range.start() >>> 12) + i;
        // A special page without access goes to the fault handler first, which may replace it.
        if (Pte.isPresent(world.bench.tables.peekPte(page << 12))) {
          continue;
        }
        HmmRange one = world.bench.range(page, page + 1).defaultFlags(HmmPfn.REQ_FAULT);
        assertEquals(Errno.EFAULT, world.bench.fault(one), "I47 at " + i);
      }
    }
  }

  @Property(tries = 1000)
  void i36_i47b_withoutAnyRequestTheCallSucceedsAndTouchesNothing(
      @ForAll long seed,
      @ForAll @IntRange(max = RandomSpace.PAGES - 1) int start,
      @ForAll @IntRange(min = 1, max = 300) int length) {
    World world = new World(seed, start, length);
    world.range.defaultFlags(HmmPfn.REQ_WRITE).pfnFlagsMask(HmmPfn.REQ_WRITE);
    assertEquals(Errno.OK, world.fault(0));
    assertEquals(List.of(), world.bench.space.faults);
    assertEquals(List.of(), world.bench.tables.waits);
    assertTrue(Arrays.stream(world.range.pfns()).noneMatch(e -> HmmPfn.pfn(e) == SENTINEL));
  }

  @Property(tries = 1000)
  void i24_whatTheCpuCannotAccessIsNeverValid(
      @ForAll long seed, @ForAll @IntRange(max = RandomSpace.PAGES - 64) int start) {
    World world = new World(seed, start, 64);
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

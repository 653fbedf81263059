// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.hmm4j.kernel.Errno;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/** One address space with a range in it; two of the same seed are equal. */
final class RandomWorld {

  /** In the pfn bits of every input: an output that still has it was not written. */
  static final long SENTINEL = 0xabcdef;

  private static final long ASK = HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE;

  final Bench bench = new Bench();
  final HmmRange range;
  final long[] inputs;

  RandomWorld(long seed, int start, int length) {
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

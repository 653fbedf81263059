// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.junit.jupiter.api.Test;

class FailuresTest {

  private final Failures failures = new Failures();
  private final KernelBug leak = new KernelBug(Rule.LEAK, "a leak");

  @Test
  void nothingIsThrownIfNothingFailed() {
    assertTrue(failures.isEmpty());
    failures.throwIfAny();
    RuntimeException other = new RuntimeException("other");
    failures.suppressIn(other);
    assertArrayEquals(new Throwable[0], other.getSuppressed());
  }

  @Test
  void firstFailureCarriesTheOthers() {
    IllegalStateException broken = new IllegalStateException("broken");
    failures.add("driver", broken);
    failures.add(leak);
    KernelBug first = bug(Rule.CALLBACK_THREW, failures::throwIfAny);
    assertMentions(first, "driver", "broken");
    assertSame(broken, first.getCause());
    assertArrayEquals(new Throwable[] {leak}, first.getSuppressed());
    RuntimeException other = new RuntimeException("other");
    failures.suppressIn(other);
    assertArrayEquals(new Throwable[] {first}, other.getSuppressed());
  }

  @Test
  void bugThatComesTwiceIsNotItsOwnCompanion() {
    failures.add("one driver", leak);
    failures.add("another driver", leak);
    assertSame(leak, bug(Rule.LEAK, failures::throwIfAny));
    assertArrayEquals(new Throwable[0], leak.getSuppressed());
  }
}

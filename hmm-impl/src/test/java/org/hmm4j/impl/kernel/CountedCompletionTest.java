// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.Completion;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CountedCompletionTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final Completion done = kernel.completion("unplugged");
  private final Crew crew = new Crew(kernel);

  @Test
  void K048_eachCompleteLetsOneGoOn() {
    assertFalse(done.waitForTimeout(0));
    done.complete();
    done.complete();
    done.waitFor();
    assertTrue(done.waitForTimeout(0));
    assertFalse(done.waitForTimeout(1));
  }

  @Test
  void K048_completeAllLetsEveryoneGoOnForEver() {
    AtomicInteger through = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      crew.goAndPark(
          "waiter " + i,
          () -> {
            done.waitFor();
            through.incrementAndGet();
          });
    }
    done.completeAll();
    crew.join();
    assertEquals(3, through.get());
    done.waitFor();
    done.complete();
    assertTrue(done.waitForTimeout(0));
    assertTrue(done.waitForTimeout(0));
  }

  @Test
  void K048_oneCompleteWakesOneOfManyWaiters() {
    AtomicInteger through = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      crew.goAndPark(
          "waiter " + i,
          () -> {
            done.waitFor();
            through.incrementAndGet();
          });
    }
    for (int i = 1; i <= 3; i++) {
      done.complete();
      int expected = i;
      Crew.until(() -> through.get() == expected);
    }
    crew.join();
    assertFalse(done.waitForTimeout(0));
  }

  @Test
  void misuse() {
    assertThrows(IllegalArgumentException.class, () -> done.waitForTimeout(-1));
    assertThrows(NullPointerException.class, () -> kernel.completion(null));
    kernel.context().preemptDisable();
    assertMentions(bug(Rule.SLEEP_IN_ATOMIC, done::waitFor), "completion 'unplugged'");
    bug(Rule.SLEEP_IN_ATOMIC, () -> done.waitForTimeout(0));
    done.complete();
    kernel.context().preemptEnable();
    done.waitFor();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LockMapTest {

  private final BootedKernel kernel = new BootedKernel(KernelOptions.defaults());
  private final LockMap map = kernel.lockMap("invalidate_range_start");

  @Test
  void K030_standsForASituationOfOneTask() {
    map.acquire();
    assertTrue(map.isHeld());
    map.assertHeld();
    assertMentions(
        bug(Rule.RECURSIVE_LOCK, map::assertNotHeld), "pseudo lock 'invalidate_range_start'");
    new Crew(kernel).go("other", this::useIt).join();
    map.release();
    assertFalse(map.isHeld());
    map.assertNotHeld();
    bug(Rule.LOCK_NOT_HELD, map::assertHeld);
    bug(Rule.BAD_UNLOCK, map::release);
  }

  @Test
  void K030_forbidsNoSleepingAndIsEnteredInAtomicContext() {
    map.acquire();
    kernel.context().mightSleep();
    map.release();
    kernel.context().preemptDisable();
    useIt();
    kernel.context().preemptEnable();
  }

  private void useIt() {
    assertFalse(map.isHeld());
    map.acquire();
    map.release();
  }
}

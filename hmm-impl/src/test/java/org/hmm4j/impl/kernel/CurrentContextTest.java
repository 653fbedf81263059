// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Context;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CurrentContextTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final Context context = kernel.context();

  @Test
  void K028_taskMaySleep() {
    assertFalse(context.isAtomic());
    context.mightSleep();
  }

  @Test
  void K028_sectionsNest() {
    context.preemptDisable();
    context.preemptDisable();
    context.nonBlockStart();
    context.preemptEnable();
    context.preemptEnable();
    assertTrue(context.isAtomic());
    context.nonBlockStart();
    context.nonBlockEnd();
    KernelBug bug = bug(Rule.SLEEP_IN_ATOMIC, context::mightSleep);
    assertMentions(bug, kernel.machine().current(), "1 non-blocking sections");
    context.nonBlockEnd();
    assertFalse(context.isAtomic());
  }

  @Test
  void K029_leavingWhatWasNotEnteredIsABug() {
    assertMentions(bug(Rule.BAD_CONTEXT, context::preemptEnable), "without preemptDisable");
    context.preemptDisable();
    assertMentions(bug(Rule.BAD_CONTEXT, context::nonBlockEnd), "without nonBlockStart");
    context.preemptEnable();
    assertFalse(context.isAtomic());
  }

  @Test
  void K029_spinLocksAreNotLeftByPreemptEnable() {
    var lock = kernel.spinLock("lock");
    lock.lock();
    bug(Rule.BAD_CONTEXT, context::preemptEnable);
    assertTrue(context.isAtomic());
    lock.unlock();
    assertFalse(context.isAtomic());
  }

  @Test
  void K029_eachTaskHasItsOwn() {
    Crew crew = new Crew(kernel);
    context.preemptDisable();
    crew.go(
        "other",
        () -> {
          assertFalse(context.isAtomic());
          context.nonBlockStart();
          bug(Rule.BAD_CONTEXT, context::preemptEnable);
          context.nonBlockEnd();
        });
    crew.join();
    context.preemptEnable();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Context;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.Srcu;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Locks and interrupts. */
final class LockIrqTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final Context context = kernel.context();
  private final SpinLock fault = kernel.spinLock("fault_ring");
  private final SpinLock list = kernel.spinLock("list");
  private final SpinLock other = kernel.spinLock("other");

  @AfterEach
  void nothingIsLeft() {
    assertFalse(context.inHardirq());
    assertFalse(context.isAtomic());
  }

  private void interrupt(Runnable handler) {
    context.irqEnter();
    try {
      handler.run();
    } finally {
      context.irqExit();
    }
  }

  private static void use(SpinLock lock) {
    lock.lock();
    lock.unlock();
  }

  private static void useIrqsave(SpinLock lock) {
    long flags = lock.lockIrqsave();
    lock.unlockIrqrestore(flags);
  }

  private static void useUnder(SpinLock outer, SpinLock inner) {
    long flags = outer.lockIrqsave();
    try {
      use(inner);
    } finally {
      outer.unlockIrqrestore(flags);
    }
  }

  @Test
  void K060_aLockOfInterruptsIsTakenWithInterruptsEnabled() {
    interrupt(() -> use(fault));
    assertMentions(
        bug(Rule.IRQ_UNSAFE, fault::lock),
        "inconsistent lock state",
        "{IN-HARDIRQ} -> {HARDIRQ-ON} usage.",
        "<Interrupt>");
    assertFalse(fault.isHeld());
    bug(Rule.IRQ_UNSAFE, fault::tryLock);
  }

  @Test
  void K060_aLockTakenWithInterruptsEnabledIsTakenInAnInterrupt() {
    use(fault);
    interrupt(
        () ->
            assertMentions(
                bug(Rule.IRQ_UNSAFE, fault::lock), "{HARDIRQ-ON} -> {IN-HARDIRQ} usage."));
  }

  @Test
  void K060_irqsaveEverywhereIsRight() {
    interrupt(() -> use(fault));
    useIrqsave(fault);
    interrupt(() -> useIrqsave(fault));
    useUnder(list, fault);
  }

  @Test
  void K061_aLockOfInterruptsBeforeOneThatIsNot() {
    interrupt(() -> use(fault));
    use(list);
    assertMentions(
        bug(Rule.IRQ_UNSAFE, () -> useUnder(fault, list)),
        "HARDIRQ-safe -> HARDIRQ-unsafe lock order detected",
        "fault_ring --> list");
  }

  @Test
  void K061_theSameFoundWhenTheInnerLockBecomesUnsafe() {
    interrupt(() -> use(fault));
    useUnder(fault, other);
    useUnder(other, list);
    assertMentions(bug(Rule.IRQ_UNSAFE, list::lock), "fault_ring --> other --> list");
  }

  @Test
  void K061_theSameFoundWhenTheOuterLockBecomesSafe() {
    useUnder(fault, other);
    useUnder(other, list);
    use(list);
    interrupt(
        () -> assertMentions(bug(Rule.IRQ_UNSAFE, fault::lock), "fault_ring --> other --> list"));
  }

  @Test
  void interruptsAreEnabledUnderALockOfInterrupts() {
    interrupt(() -> use(fault));
    long flags = list.lockIrqsave();
    fault.lock();
    bug(Rule.IRQ_UNSAFE, () -> list.unlockIrqrestore(flags));
    assertFalse(list.isHeld(), "unlocked all the same");
    fault.unlock();
    assertFalse(kernel.context().isAtomic());
  }

  @Test
  void K062_theHandlerIsAChainOfItsOwn() {
    list.lock();
    interrupt(() -> use(fault));
    list.unlock();
    // No circle: the handler has not taken its lock under that of the task. Still not right.
    bug(Rule.IRQ_UNSAFE, () -> useUnder(fault, list));
  }

  @Test
  void theHandlerWaitsForTheTaskItInterrupted() {
    fault.lock();
    interrupt(() -> bug(Rule.RECURSIVE_LOCK, fault::lock));
    fault.unlock();
  }

  @Test
  void K062_aHandlerNeverSleeps() {
    interrupt(
        () -> {
          bug(Rule.SLEEP_IN_ATOMIC, kernel.mutex("mutex")::lock);
          bug(Rule.SLEEP_IN_ATOMIC, context::mightAlloc);
          assertTrue(context.inHardirq());
        });
  }

  @Test
  void K062_interruptsComeOnlyWhenTheyAreEnabled() {
    long flags = list.lockIrqsave();
    bug(Rule.BAD_CONTEXT, context::irqEnter);
    list.unlockIrqrestore(flags);
    interrupt(() -> bug(Rule.BAD_CONTEXT, context::irqEnter));
    bug(Rule.BAD_CONTEXT, context::irqExit);
  }

  @Test
  void K062_aHandlerThatLeavesALockHeld() {
    context.irqEnter();
    fault.lock();
    assertMentions(bug(Rule.BAD_CONTEXT, context::irqExit), "fault_ring");
    assertFalse(fault.isHeld());
  }

  @Test
  void K063_anSrcuCallbackIsNoInterrupt() {
    Srcu srcu = kernel.srcu("srcu");
    srcu.call(() -> use(list));
    srcu.barrier();
    use(list);
    int section = srcu.readLock();
    list.lock();
    srcu.call(() -> use(other));
    list.unlock();
    srcu.readUnlock(section);
    srcu.barrier();
    other.lock();
    use(list);
    other.unlock();
    assertEquals(0, kernel.warnings().size());
  }
}

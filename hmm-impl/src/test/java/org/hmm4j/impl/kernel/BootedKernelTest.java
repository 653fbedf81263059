// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.hmm4j.impl.machine.JdkMachine;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.Srcu;
import org.hmm4j.kernel.Warning;
import org.hmm4j.machine.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BootedKernelTest {

  private final BootedKernel kernel = new BootedKernel(KernelOptions.defaults());

  @Test
  void findsThePartsThatWereInstalled() {
    kernel.install(CharSequence.class, "part");
    assertEquals("part", kernel.subsystem(CharSequence.class));
    IllegalArgumentException unknown =
        assertThrows(IllegalArgumentException.class, () -> kernel.subsystem(Runnable.class));
    assertTrue(unknown.getMessage().contains("java.lang.Runnable"), unknown.getMessage());
    assertThrows(IllegalArgumentException.class, () -> kernel.install(CharSequence.class, "again"));
    assertThrows(NullPointerException.class, () -> kernel.install(Runnable.class, null));
  }

  @Test
  void K003_machineServesOneKernel() {
    JdkMachine machine = new JdkMachine();
    KernelOptions options = KernelOptions.defaults().machine(machine);
    BootedKernel first = new BootedKernel(options);
    assertSame(machine.current(), first.machine().current());
    assertThrows(IllegalArgumentException.class, () -> new BootedKernel(options));
  }

  @Test
  void K003_kernelsShareNothing() {
    BootedKernel other = new BootedKernel(KernelOptions.defaults());
    SpinLock lock = kernel.spinLock("lock");
    lock.lock();
    assertTrue(kernel.context().isAtomic());
    assertFalse(other.context().isAtomic());
    other.warn("only there");
    assertEquals(List.of(), kernel.warnings());
    lock.unlock();
  }

  @Test
  void K008_warningsAreKeptInOrder() {
    kernel.warn("first");
    kernel.warn("second");
    assertEquals(
        List.of("first", "second"), kernel.warnings().stream().map(Warning::message).toList());
    Warning warning = kernel.warnings().get(0);
    assertEquals(kernel.machine().current().toString(), warning.task());
    assertEquals("K008_warningsAreKeptInOrder", frame(warning.site()));
    assertThrows(NullPointerException.class, () -> kernel.warn(null));
  }

  @Test
  void K004_taskThatEndsWithLocksHeldFailsAndGivesThemBack() {
    Mutex mutex = kernel.mutex("left mutex");
    SpinLock spin = kernel.spinLock("left spin lock");
    RwSemaphore rwsem = kernel.rwSemaphore("left rwsem");
    Srcu srcu = kernel.srcu("left srcu");
    Task task =
        kernel
            .machine()
            .spawn(
                "sloppy",
                () -> {
                  mutex.lock();
                  rwsem.readLock();
                  srcu.readLock();
                  spin.lockIrqsave();
                });
    task.join();
    KernelBug bug = assertInstanceOf(KernelBug.class, task.failure().orElseThrow());
    assertEquals(Rule.BAD_CONTEXT, bug.rule());
    assertMentions(
        bug, task, "left mutex", "left spin lock", "left rwsem", "left srcu", "interrupts off");
    assertTrue(mutex.tryLock());
    assertTrue(spin.tryLock());
    assertTrue(rwsem.writeTryLock());
    rwsem.writeUnlock();
    spin.unlock();
    mutex.unlock();
    srcu.synchronize();
  }

  @Test
  void K004_taskThatEndsInAtomicContextFails() {
    Task task = kernel.machine().spawn("sloppy", () -> kernel.context().preemptDisable());
    task.join();
    KernelBug bug = assertInstanceOf(KernelBug.class, task.failure().orElseThrow());
    assertEquals(Rule.BAD_CONTEXT, bug.rule());
  }

  @Test
  void K004_whatABodyThrewIsTheCauseIfItAlsoHeldLocks() {
    Mutex mutex = kernel.mutex("mutex");
    RuntimeException thrown = new RuntimeException("broken");
    Task task =
        kernel
            .machine()
            .spawn(
                "broken",
                () -> {
                  mutex.lock();
                  throw thrown;
                });
    task.join();
    KernelBug bug = assertInstanceOf(KernelBug.class, task.failure().orElseThrow());
    assertEquals(Rule.BAD_CONTEXT, bug.rule());
    assertSame(thrown, bug.getCause());
    assertMentions(bug, "broken", "mutex 'mutex'");
    Task clean =
        kernel
            .machine()
            .spawn(
                "clean",
                () -> {
                  throw thrown;
                });
    clean.join();
    assertSame(thrown, clean.failure().orElseThrow());
  }

  @Test
  void cleanTaskHasNoFailure() {
    Mutex mutex = kernel.mutex("mutex");
    Task task =
        kernel
            .machine()
            .spawn(
                "clean",
                () -> {
                  mutex.lock();
                  bug(Rule.RECURSIVE_LOCK, mutex::lock);
                  mutex.unlock();
                });
    task.join();
    assertEquals(Optional.empty(), task.failure());
  }

  private static String frame(Throwable site) {
    for (StackTraceElement frame : site.getStackTrace()) {
      if (frame.getClassName().equals(BootedKernelTest.class.getName())) {
        return frame.getMethodName();
      }
    }
    return "none";
  }
}

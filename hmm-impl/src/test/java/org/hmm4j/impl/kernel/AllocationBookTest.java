// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Allocations;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.Srcu;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AllocationBookTest {

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final Allocations book = kernel.allocations();

  @Test
  void K051_liveObjectsAreListedOldestFirstWithTheirMaker() {
    Allocation hmm = book.allocate("hmm");
    Allocation gone = book.allocate("hmm_range");
    Allocation mm = book.allocate("mm_struct");
    gone.free();
    assertEquals(List.of(hmm, mm), book.live());
    List<Allocation> pages = Stream.generate(() -> book.allocate("page")).limit(50).toList();
    assertEquals(pages, book.live().subList(2, 52));
    assertEquals("hmm", hmm.type());
    hmm.check();
    assertFalse(hmm.isFree());
    assertTrue(gone.isFree());
    String text = hmm.toString();
    assertTrue(text.contains("hmm #"), text);
    assertTrue(text.contains(kernel.machine().current().toString()), text);
    assertTrue(text.contains("AllocationBookTest.K051_liveObjectsAreListed"), text);
  }

  @Test
  void K053_shutdownNamesWhatWasNotFreed() {
    Allocation freed = book.allocate("hmm");
    kernel.srcu("domain").call(freed::free);
    kernel.shutdown();
    Allocation range = book.track("hmm_range");
    book.allocate("mm_struct");
    KernelBug bug = bug(Rule.LEAK, kernel::shutdown);
    assertMentions(bug, "2 objects", "hmm_range #", "mm_struct #", "AllocationBookTest.K053");
    assertStackHas(bug.getSuppressed()[0], "K053_shutdownNamesWhatWasNotFreed");
    range.free();
    assertMentions(bug(Rule.LEAK, kernel::shutdown), "mm_struct #");
  }

  @Test
  void K053_shutdownRunsCallbacksThatAreDue() {
    Allocation object = book.allocate("hmm");
    Srcu domain = kernel.srcu("domain");
    SpinLock lock = kernel.spinLock("lock");
    lock.lock();
    domain.call(object::free);
    lock.unlock();
    kernel.shutdown();
    assertTrue(object.isFree());
  }

  @Test
  void K049_useAfterFreeTellsWhoFreedAndWhere() {
    Allocation object = book.allocate("hmm_mirror");
    Crew.Member freer = new Crew(kernel).go("freer", () -> freeIt(object));
    freer.join();
    KernelBug bug = bug(Rule.USE_AFTER_FREE, object::check);
    assertMentions(bug, "hmm_mirror #", freer.task(), "AllocationBookTest.freeIt");
    assertStackHas(bug.getCause(), "freeIt");
    assertStackHas(bug.getSuppressed()[0], "K049_useAfterFreeTellsWhoFreedAndWhere");
  }

  @Test
  void K050_doubleFreeTellsWhoFreedFirst() {
    Allocation object = book.allocate("hmm_mirror");
    freeIt(object);
    KernelBug bug = bug(Rule.DOUBLE_FREE, object::free);
    assertMentions(bug, "hmm_mirror #", "AllocationBookTest.freeIt", "doubleFreeTells");
    assertStackHas(bug.getCause(), "freeIt");
    assertEquals(List.of(), book.live());
  }

  @Test
  void K050_racingFreesSucceedOnce() {
    for (int round = 0; round < 100; round++) {
      Allocation object = book.allocate("page");
      AtomicInteger freed = new AtomicInteger();
      Crew crew = new Crew(kernel);
      for (int i = 0; i < 2; i++) {
        crew.go(
            "freer " + i,
            () -> {
              try {
                object.free();
                freed.incrementAndGet();
              } catch (KernelBug bug) {
                assertEquals(Rule.DOUBLE_FREE, bug.rule());
              }
            });
      }
      crew.join();
      assertEquals(1, freed.get());
    }
    assertEquals(List.of(), book.live());
  }

  @Test
  void K052_trackedObjectsAreRecordedButNeverFail() {
    Kernel faulty = new BootedKernel(KernelOptions.defaults().failAllocation(type -> true));
    Allocation range = faulty.allocations().track("hmm_range");
    assertTrue(range.toString().contains("registered by task"), range.toString());
    assertEquals(List.of(range), faulty.allocations().live());
    range.free();
    assertMentions(bug(Rule.USE_AFTER_FREE, range::check), "hmm_range #", "registered by task");
    assertThrows(NullPointerException.class, () -> book.track(null));
  }

  @Test
  void K052_faultPlanLetsAllocationsFail() {
    AtomicInteger asked = new AtomicInteger();
    Kernel faulty =
        new BootedKernel(
            KernelOptions.defaults()
                .failAllocation(type -> type.equals("hmm") && asked.incrementAndGet() == 2));
    assertNotNull(faulty.allocations().allocate("hmm"));
    assertNotNull(faulty.allocations().allocate("mm_struct"));
    assertNull(faulty.allocations().allocate("hmm"));
    assertNotNull(faulty.allocations().allocate("hmm"));
    assertEquals(3, faulty.allocations().live().size());
    assertThrows(NullPointerException.class, () -> book.allocate(null));
  }

  private static void freeIt(Allocation object) {
    object.free();
  }

  private static void assertStackHas(Throwable site, String method) {
    assertTrue(
        Arrays.stream(site.getStackTrace()).anyMatch(f -> f.getMethodName().equals(method)),
        () -> Arrays.toString(site.getStackTrace()));
  }
}

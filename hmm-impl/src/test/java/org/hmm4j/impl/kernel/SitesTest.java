// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.hmm4j.impl.kernel.Crew.assertMentions;
import static org.hmm4j.impl.kernel.Crew.bug;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.Warning;
import org.junit.jupiter.api.Test;

/** Reports of a kernel that records no places; what they say with places, their own tests show. */
final class SitesTest {

  private static final String HERE = SitesTest.class.getSimpleName();

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults().sites(false));

  @Test
  void K071_aReportOfLocksSaysThatPlacesAreMissing() {
    Mutex a = kernel.mutex("A");
    Mutex b = kernel.mutex("B");
    inOrder(a, b);
    KernelBug bug = bug(Rule.LOCK_ORDER, () -> inOrder(b, a));
    assertMentions(
        bug,
        kernel.machine().current() + " is trying to acquire lock:",
        "mutex 'A' with lock, at: " + Sites.NOT_RECORDED,
        "under (A), at: " + Sites.NOT_RECORDED,
        "       at " + Sites.NOT_RECORDED,
        "#0: (B){+...}-{3:3}, mutex 'B' taken with lock, at: " + Sites.NOT_RECORDED);
    assertFalse(bug.getMessage().contains(HERE), bug.getMessage());
  }

  @Test
  void K071_aReportOfObjectsNamesTasksAndSaysThatPlacesAreMissing() {
    Allocation object = kernel.allocations().allocate("hmm");
    String task = kernel.machine().current().toString();
    String made = "hmm #1 allocated by task " + task + " at " + Sites.NOT_RECORDED;
    assertEquals(made, object.toString());
    KernelBug leak = bug(Rule.LEAK, kernel::shutdown);
    assertMentions(leak, made);
    assertNoStack(leak.getSuppressed()[0]);
    object.free();
    KernelBug used = bug(Rule.USE_AFTER_FREE, object::check);
    assertMentions(used, "had been freed by task " + task + " at " + Sites.NOT_RECORDED);
    assertNoStack(used.getCause());
    assertNoStack(used.getSuppressed()[0]);
    assertNoStack(bug(Rule.DOUBLE_FREE, object::free).getCause());
  }

  @Test
  void K071_aWarningHasItsTaskAndNoStack() {
    kernel.warn("odd");
    Warning warning = kernel.warnings().get(0);
    assertEquals(kernel.machine().current().toString(), warning.task());
    assertNoStack(warning.site());
  }

  private static void inOrder(Mutex first, Mutex second) {
    first.lock();
    try {
      second.lock();
      second.unlock();
    } finally {
      first.unlock();
    }
  }

  private static void assertNoStack(Throwable site) {
    assertEquals(0, site.getStackTrace().length, site::toString);
    assertTrue(site instanceof Site, site::toString);
  }
}

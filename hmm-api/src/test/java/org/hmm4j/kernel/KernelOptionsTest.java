// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Options, and the values that reports are made of. */
final class KernelOptionsTest {

  @Test
  void byDefaultThreadsAndNoFailures() {
    KernelOptions options = KernelOptions.defaults();
    assertEquals(Optional.empty(), options.machine());
    assertFalse(options.failAllocation().test("hmm"));
    assertSame(NotifierProfile.V6_1, options.notifierProfile(), "the present");
  }

  @Test
  void eachMethodReturnsAChangedCopy() {
    Predicate<String> plan = "hmm"::equals;
    KernelOptions options = KernelOptions.defaults();
    KernelOptions changed = options.failAllocation(plan);
    assertSame(plan, changed.failAllocation());
    assertFalse(options.failAllocation().test("hmm"));
    assertEquals(options.machine(), changed.machine());
    KernelOptions old = changed.notifierProfile(NotifierProfile.V5_3);
    assertSame(NotifierProfile.V5_3, old.notifierProfile());
    assertSame(plan, old.failAllocation());
    assertSame(NotifierProfile.V5_3, old.failAllocation(type -> true).notifierProfile());
    assertSame(NotifierProfile.V6_1, changed.notifierProfile());
    KernelOptions bare = old.lockdep(false).sites(false);
    assertFalse(bare.lockdep() || bare.sites());
    assertTrue(old.lockdep() && old.sites(), "the defaults");
    assertFalse(bare.notifierProfile(NotifierProfile.V6_1).failAllocation(plan).sites());
    assertTrue(bare.lockdep(true).lockdep() && bare.sites(true).sites());
    assertFalse(bare.lockdep(true).sites() || bare.sites(true).lockdep());
  }

  @Test
  void nullsAreRefused() {
    KernelOptions options = KernelOptions.defaults();
    assertThrows(NullPointerException.class, () -> options.machine(null));
    assertThrows(NullPointerException.class, () -> options.failAllocation(null));
    assertThrows(NullPointerException.class, () -> options.notifierProfile(null));
    assertThrows(
        NullPointerException.class,
        () -> new KernelOptions(null, type -> false, NotifierProfile.V6_1));
  }

  @Test
  void withoutAnEngineBootSaysWhatIsMissing() {
    String message = assertThrows(IllegalStateException.class, Kernel::boot).getMessage();
    assertTrue(message.contains("hmm-impl"), message);
  }

  @Test
  void K009_aBugNamesItsRule() {
    Exception cause = new Exception("here");
    KernelBug bug = new KernelBug(KernelBug.Rule.DOUBLE_FREE, "hmm 3", cause);
    assertEquals(KernelBug.Rule.DOUBLE_FREE, bug.rule());
    assertEquals("DOUBLE_FREE: hmm 3", bug.getMessage());
    assertSame(cause, bug.getCause());
    assertNull(new KernelBug(KernelBug.Rule.BAD_UNLOCK, "x").getCause());
  }

  @Test
  void K008_aWarningIsComplete() {
    Exception site = new Exception("here");
    Warning warning = new Warning("init/1", "odd", site);
    assertEquals("WARNING: odd (task init/1)", warning.toString());
    assertThrows(NullPointerException.class, () -> new Warning(null, "odd", site));
    assertThrows(NullPointerException.class, () -> new Warning("init/1", null, site));
    assertThrows(NullPointerException.class, () -> new Warning("init/1", "odd", null));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The marked steps are those of objects that the message names. */
class MentionsTest {

  private static boolean names(String message, String object) {
    return new Mentions(message).names(object);
  }

  @Test
  void aNameOfAClassOrPackageIsNoObject() {
    String message = "task A/1 threw org.hmm4j.testkit.sim.RuleBrokenError: I16: not held";

    assertFalse(names(message, "mm"));
    assertFalse(names(message, "RuleBrokenError"));
    assertFalse(names(message, "A"));
    assertFalse(names("at org.hmm4j.mm.Mirror(Mirror.java:3)", "mm"));
    assertFalse(names("task A/1 threw mm", "mm"));
    assertFalse(names("anything", ""));
  }

  @Test
  void aWholeNameCounts() {
    String message =
        "task A/1 threw org.hmm4j.kernel.KernelBug: LOCK_NOT_HELD: rw semaphore 'mm->mmap_lock'"
            + " must be held; hmm #21 was used with mm.";

    assertTrue(names(message, "rw semaphore 'mm->mmap_lock'"));
    assertTrue(names(message, "hmm #21"));
    assertTrue(names(message, "mm"));
    assertFalse(names(message, "hmm #2"));
    assertFalse(names(message, "hmm"));
    assertFalse(names("rw semaphore 'mm->mmap_lock' is held", "mm"));
    assertFalse(names("hmm->mm", "mm"));
    assertFalse(names("mm#2 is gone", "mm"));
  }

  @Test
  void whatACallbackThrewCounts() {
    String message =
        "task B/2 threw org.hmm4j.kernel.KernelBug: CALLBACK_THREW: a callback of"
            + " hmm_mirror(org.hmm4j.testkit.Device) threw org.hmm4j.testkit.Broken: mutex 'q'";

    assertTrue(names(message, "hmm_mirror(org.hmm4j.testkit.Device)"));
    assertTrue(names(message, "mutex 'q'"));
    assertFalse(names(message, "mm"));
  }
}

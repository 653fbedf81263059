// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.NotifierProfile;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifier;
import org.hmm4j.notifier.MmuNotifierEvent;
import org.hmm4j.notifier.MmuNotifierOps;
import org.hmm4j.notifier.MmuNotifierRange;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The mirror API, which was written for the notifier core of 5.3, on both cores: a start that a
 * mirror fails leaves no trace in either.
 */
final class MirrorOnBothCoresTest {

  private final List<String> calls = new ArrayList<>();
  private Errno answer = Errno.OK;
  private Kernel kernel;
  private MmStruct mm;
  private HmmMirror mirror;
  private HmmRange range;

  private void boot(NotifierProfile profile) {
    kernel = Kernel.boot(KernelOptions.defaults().notifierProfile(profile));
    mm = new LeafAddressSpace(kernel).mm;
    mirror = register((m, update) -> answer);
    range = HmmRange.of(0, LeafAddressSpace.PAGE);
    assertEquals(Errno.OK, mirror.rangeRegister(range));
    assertTrue(range.valid());
  }

  private HmmMirror register(HmmMirrorOps ops) {
    HmmMirror fresh = Hmm.of(kernel).mirror(ops);
    mm.mmapLock().writeLock();
    assertEquals(Errno.OK, fresh.register(mm));
    mm.mmapLock().writeUnlock();
    return fresh;
  }

  private MmuNotifierRange change() {
    return MmuNotifierRange.of(mm, MmuNotifierEvent.UNMAP, 0, LeafAddressSpace.PAGE);
  }

  private Errno startNonblock() {
    return MmuNotifiers.of(kernel).invalidateRangeStartNonblock(change().nonBlockable());
  }

  private void failingNotifier() {
    MmuNotifier other =
        MmuNotifiers.of(kernel)
            .notifier(
                new MmuNotifierOps() {
                  @Override
                  public Errno invalidateRangeStart(
                      MmuNotifier subscription, MmuNotifierRange range) {
                    calls.add("other");
                    return range.blockable() ? Errno.OK : Errno.EAGAIN;
                  }
                });
    assertEquals(Errno.OK, other.register(mm));
  }

  private void assertStillCounts() {
    MmuNotifiers.of(kernel).invalidateRangeStart(change());
    assertFalse(range.valid());
    MmuNotifiers.of(kernel).invalidateRangeEnd(change());
    assertTrue(range.valid());
  }

  @ParameterizedTest
  @EnumSource
  void R229_p17_i21_aStartThatTheMirrorFailsLeavesNoTrace(NotifierProfile profile) {
    boot(profile);
    answer = Errno.EAGAIN;
    assertEquals(Errno.EAGAIN, startNonblock());
    assertTrue(range.valid(), "the count is back at none");
    assertTrue(range.waitUntilValid(0));
    answer = Errno.OK;
    assertStillCounts();
    assertEquals(List.of(), kernel.warnings());
    assertThrows(
        KernelBug.class, () -> MmuNotifiers.of(kernel).invalidateRangeEnd(change()), "not open");
  }

  @ParameterizedTest
  @EnumSource
  void R229_p17_i25_notEvenWhileAnotherInvalidationRuns(NotifierProfile profile) {
    boot(profile);
    MmuNotifiers.of(kernel).invalidateRangeStart(change());
    answer = Errno.EAGAIN;
    assertEquals(Errno.EAGAIN, startNonblock());
    assertFalse(range.valid(), "the first one is still running");
    MmuNotifiers.of(kernel).invalidateRangeEnd(change());
    assertTrue(range.valid());
    assertEquals(List.of(), kernel.warnings());
  }

  @ParameterizedTest
  @EnumSource
  void R235_p17_i23_theMirrorsAfterTheFailingOneAreNotCalled(NotifierProfile profile) {
    boot(profile);
    register(
        (m, update) -> {
          calls.add("newest");
          return update.blockable() ? Errno.OK : Errno.EAGAIN;
        });
    answer = Errno.EINVAL;
    assertEquals(Errno.EAGAIN, startNonblock());
    assertEquals(List.of("newest"), calls);
    assertEquals(List.of(), kernel.warnings(), "the older mirror has not answered EINVAL");
    assertTrue(range.valid());
  }

  @Test
  void R242_x10_inTheCoreOf53AnotherNotifierThatFailsLeavesTheRangeInvalidForEver() {
    boot(NotifierProfile.V5_3);
    failingNotifier();
    assertEquals(Errno.EAGAIN, startNonblock());
    assertEquals(List.of("other"), calls);
    assertFalse(range.waitUntilValid(0), "the hmm waits for an end that never comes");
    MmuNotifiers.of(kernel).invalidateRangeStart(change());
    MmuNotifiers.of(kernel).invalidateRangeEnd(change());
    assertFalse(range.waitUntilValid(0), "for ever");
  }

  @Test
  void R242_x10_inTheCoreOf61ItDoesNot() {
    boot(NotifierProfile.V6_1);
    failingNotifier();
    assertEquals(Errno.EAGAIN, startNonblock());
    assertTrue(range.valid());
    answer = Errno.EAGAIN;
    assertEquals(Errno.EAGAIN, startNonblock(), "both fail");
    assertTrue(range.valid());
    answer = Errno.OK;
    assertStillCounts();
    assertEquals(List.of(), kernel.warnings());
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import org.hmm4j.mm.MmStruct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Invalidations as values; addresses compare unsigned. */
final class MmuNotifierRangeTest {

  private static final MmStruct MM =
      (MmStruct)
          Proxy.newProxyInstance(
              MmStruct.class.getClassLoader(),
              new Class<?>[] {MmStruct.class},
              (proxy, method, arguments) -> method.getName().equals("toString") ? "mm" : null);

  private static MmuNotifierRange of(long start, long end) {
    return MmuNotifierRange.of(MM, MmuNotifierEvent.UNMAP, start, end);
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "0, -1", "-2, -1", "9223372036854775807, -9223372036854775808"})
  void N142_startIsBelowEndUnsigned(long start, long end) {
    MmuNotifierRange range = of(start, end);
    assertEquals(start, range.start());
    assertEquals(end, range.end());
    assertTrue(range.blockable());
    assertNull(range.owner());
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "-1, 0", "-1, -1", "-1, 5", "-9223372036854775808, 5"})
  void N142_emptyAndReversedAreRefused(long start, long end) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> of(start, end)).getMessage();
    assertTrue(message.contains("0x" + Long.toHexString(start)), message);
    assertTrue(message.contains("0x" + Long.toHexString(end)), message);
  }

  @Test
  void copiesChangeOneThing() {
    Object owner = new Object();
    MmuNotifierRange range = of(1, 2);
    MmuNotifierRange owned = range.owner(owner);
    MmuNotifierRange quick = owned.nonBlockable();
    assertSame(owner, owned.owner());
    assertTrue(owned.blockable());
    assertSame(owner, quick.owner());
    assertFalse(quick.blockable());
    assertSame(MM, quick.mm());
    assertEquals(MmuNotifierEvent.UNMAP, quick.event());
    assertEquals(1, quick.start());
    assertEquals(2, quick.end());
    assertTrue(range.blockable());
    assertNull(range.owner());
  }

  @Test
  void nullsAreRefused() {
    assertThrows(
        NullPointerException.class, () -> MmuNotifierRange.of(null, MmuNotifierEvent.UNMAP, 0, 1));
    assertThrows(NullPointerException.class, () -> MmuNotifierRange.of(MM, null, 0, 1));
  }

  @Test
  void N143_eventsAreInTheOrderOfTheKernel() {
    assertEquals(
        "[UNMAP, CLEAR, PROTECTION_VMA, PROTECTION_PAGE, SOFT_DIRTY, RELEASE, MIGRATE, EXCLUSIVE]",
        java.util.List.of(MmuNotifierEvent.values()).toString());
  }
}

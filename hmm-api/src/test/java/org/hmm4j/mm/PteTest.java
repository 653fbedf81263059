// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.hmm4j.range.HmmPfn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The format of page-table entries. */
final class PteTest {

  private static final long MAX_PFN = (1L << 48) - 1;
  private static final long[] FLAGS = {
    Pte.WRITE, Pte.PROTNONE, Pte.SPECIAL, Pte.ZERO, Pte.DEVMAP, Pte.HUGE, Pte.DIRTY
  };
  private static final long[] KINDS = {
    Pte.TABLE,
    Pte.SWAP,
    Pte.MIGRATION,
    Pte.DEVICE_PRIVATE,
    Pte.DEVICE_EXCLUSIVE,
    Pte.HWPOISON,
    Pte.MARKER,
    Pte.BAD,
    Pte.NO_TABLE
  };

  @Property
  void M023_presentEntriesKeepPfnAndFlags(
      @ForAll @LongRange(max = MAX_PFN) long pfn, @ForAll @LongRange(max = 127) long choice) {
    long flags = 0;
    for (int i = 0; i < FLAGS.length; i++) {
      flags |= (choice >> i & 1) != 0 ? FLAGS[i] : 0;
    }
    long entry = Pte.present(pfn, flags);
    assertTrue(Pte.isPresent(entry));
    assertEquals(pfn, Pte.pfn(entry));
    assertEquals((flags & Pte.WRITE) != 0, Pte.isWritable(entry));
    assertEquals(flags, entry & ~Pte.PRESENT & ~Pte.PFN_MASK);
    assertEquals(Pte.NONE, Pte.kind(entry));
  }

  @Property
  void M023_otherEntriesKeepPayloadAndKind(
      @ForAll @LongRange(max = MAX_PFN) long payload, @ForAll boolean write) {
    for (long kind : KINDS) {
      long entry = Pte.nonPresent(kind | (write ? Pte.WRITE : 0), payload);
      assertFalse(Pte.isPresent(entry));
      assertEquals(kind, Pte.kind(entry));
      assertEquals(payload, Pte.pfn(entry));
      assertEquals(write, Pte.isWritable(entry));
    }
  }

  @Test
  void M024_flagsAndKindsAreAllDifferent() {
    Set<Long> bits = new HashSet<>();
    long together = Pte.PRESENT | Pte.PFN_MASK;
    for (long flag : FLAGS) {
      assertEquals(1, Long.bitCount(flag));
      assertEquals(0, together & flag);
      together |= flag;
    }
    for (long kind : KINDS) {
      assertTrue(bits.add(kind));
      assertEquals(0, together & kind);
    }
    assertFalse(bits.contains(Pte.NONE));
  }

  @Test
  void M025_presentAndWriteAreWhereThePfnFormatHasThem() {
    assertEquals(HmmPfn.VALID, Pte.PRESENT);
    assertEquals(HmmPfn.WRITE, Pte.WRITE);
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 48, -1L, Long.MIN_VALUE})
  void M023_aPfnHas48Bits(long pfn) {
    String hex = Long.toHexString(pfn);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> Pte.present(pfn, 0))
            .getMessage()
            .contains(hex));
    assertThrows(IllegalArgumentException.class, () -> Pte.nonPresent(Pte.SWAP, pfn));
  }

  @Test
  void inWords() {
    assertEquals("none", Pte.toString(Pte.NONE));
    assertEquals("pfn 0x1f r", Pte.toString(Pte.present(0x1f, 0)));
    assertEquals("pfn 0x1f rw dirty", Pte.toString(Pte.present(0x1f, Pte.WRITE | Pte.DIRTY)));
    assertEquals(
        "pfn 0x0 r protnone special zero devmap huge",
        Pte.toString(
            Pte.present(0, Pte.PROTNONE | Pte.SPECIAL | Pte.ZERO | Pte.DEVMAP | Pte.HUGE)));
    assertEquals("swap 0x3", Pte.toString(Pte.nonPresent(Pte.SWAP, 3)));
    assertEquals("migration 0x3 w", Pte.toString(Pte.nonPresent(Pte.MIGRATION | Pte.WRITE, 3)));
    assertEquals("device-private 0x3", Pte.toString(Pte.nonPresent(Pte.DEVICE_PRIVATE, 3)));
    assertEquals("device-exclusive 0x3", Pte.toString(Pte.nonPresent(Pte.DEVICE_EXCLUSIVE, 3)));
    assertEquals("hwpoison 0x3", Pte.toString(Pte.nonPresent(Pte.HWPOISON, 3)));
    assertEquals("marker 0x3", Pte.toString(Pte.nonPresent(Pte.MARKER, 3)));
    assertEquals("bad 0x3", Pte.toString(Pte.nonPresent(Pte.BAD, 3)));
    assertTrue(Pte.toString(Pte.TABLE).startsWith("table"));
  }
}

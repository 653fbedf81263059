// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.selftest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.Pte;
import org.hmm4j.testkit.driver.DmirrorProt;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The device uses memory that lies in huge pages. */
@ParameterizedClass
@EnumSource(MemoryType.class)
final class HugeSelfTest extends SelfTest {

  /** Where huge pages are cut: at 0, 512 KiB and 1 MiB. */
  private static final int[] OFFSETS = {0, 128, 256};

  HugeSelfTest(MemoryType type) {
    super(type, 1);
  }

  private void assertIsHuge(boolean huge) {
    assertEquals(huge, (mm.pte(at(0)) & Pte.HUGE) != 0);
  }

  @Card("anon_write_huge")
  void writesAHugePage() {
    mapHuge(Prot.READ_WRITE);

    assertDone(device().write(at(0), others(HUGE)), HUGE, 1);
    assertIsHuge(true);
    assertCpuSees(0, others(HUGE));
  }

  @Card("anon_write_hugetlbfs")
  void writesAPageOfHugetlb() {
    memory.huge().hugetlb().resize(1);
    map(HUGE, Prot.READ_WRITE, Mapping.hugetlbPrivate());

    assertDone(device().write(at(0), others(HUGE)), HUGE, 1);
    assertCpuSees(0, others(HUGE));
  }

  @Card("compound")
  void looksAtAPageOfHugetlb() {
    memory.huge().hugetlb().resize(1);
    map(HUGE, Prot.READ_WRITE, Mapping.hugetlbPrivate());
    fill(mm, 0, HUGE);

    assertSnapshot(same(DmirrorProt.WRITE | DmirrorProt.PMD));
    protect(0, HUGE, Prot.READ);
    assertSnapshot(same(DmirrorProt.READ | DmirrorProt.PMD));
  }

  private static int[] same(int perms) {
    int[] all = new int[HUGE];
    Arrays.fill(all, perms);
    return all;
  }

  @Card("migrate_anon_huge_empty")
  void movesAHugePageThatWasNeverTouched() {
    mapHuge(Prot.READ);

    assertMoves(device(), 0, new int[HUGE]);
  }

  @Card("migrate_anon_huge_zero")
  void movesTheHugeZeroPage() {
    mapHuge(Prot.READ);
    assertCpuSees(0, 0);
    assertIsHuge(true);

    assertMoves(device(), 0, new int[HUGE]);
    assertCpuSees(0, new int[HUGE]);
  }

  @Card("migrate_anon_huge_fault")
  void theCpuFaultsAHugePageBack() {
    mapHuge(Prot.READ_WRITE);
    fill(mm, 0, HUGE);
    assertIsHuge(true);

    assertMoves(device(), 0, filled(0, HUGE));
    assertCpuSees(0, filled(0, HUGE));
  }

  @Card("migrate_partial_unmap_fault")
  void theRestOfAMovedHugePageFaultsBack() {
    for (boolean huge : new boolean[] {false, true}) {
      for (int offset : OFFSETS) {
        mapFilledHuge(huge);
        assertMoves(device(), 0, filled(0, HUGE));
        unmap(offset, HUGE / 2);
        assertCpuSees(0, filled(0, offset));
        int after = offset + HUGE / 2;
        assertCpuSees(after, filled(after, HUGE - after));
        unmap(0, HUGE);
      }
    }
  }

  @Card("migrate_remap_fault")
  void aMovedHugePageFaultsBackAtAnotherPlace() {
    for (boolean huge : new boolean[] {false, true}) {
      for (int offset : OFFSETS) {
        int target = 4 * HUGE + offset;
        mapFilledHuge(huge);
        assertMoves(device(), 0, filled(0, HUGE));
        assertEquals(Errno.OK, mm.mremap(at(0), size(HUGE), at(target)));
        assertCpuSees(target, filled(0, HUGE));
        unmap(target, HUGE);

        mapFilledHuge(huge);
        assertEquals(Errno.OK, mm.mremap(at(0), size(HUGE), at(target)));
        if (huge && offset != 0) {
          // Mapped by small entries: migrate_vma_collect_pmd of 6.1 leaves PageTransCompound alone.
          assertFails(Errno.ENOENT, device().migrateToDevice(at(target), new int[HUGE]));
        } else {
          assertMoves(device(), target, filled(0, HUGE));
        }
        assertCpuSees(target, filled(0, HUGE));
        unmap(target, HUGE);
      }
    }
  }

  private void mapFilledHuge(boolean huge) {
    map(HUGE, Prot.READ_WRITE, Mapping.anonPrivate());
    if (huge) {
      assertEquals(Errno.OK, mm.madviseHugepage(at(0), size(HUGE)));
    }
    fill(mm, 0, HUGE);
    assertIsHuge(huge);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.VmFlags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VmaLayoutTest {

  private final Process process = new Process();
  private final FakeFile file = FakeFile.create(process.memory, 64);

  @AfterEach
  void nothingIsLeft() {
    file.close();
    process.exit();
  }

  @Test
  void neighboursOfOneKindMerge() {
    process.mmap(0, 2);
    process.mmap(4, 2);
    assertEquals(List.of("0-2 rwp@0", "4-6 rwp@4"), process.layout());
    process.mmap(2, 2);
    assertEquals(List.of("0-6 rwp@0"), process.layout());
    process.mmap(1, 1, Prot.READ, Mapping.anonPrivate());
    assertEquals(List.of("0-1 rwp@0", "1-2 r-p@1", "2-6 rwp@2"), process.layout());
    process.mmap(1, 1);
    assertEquals(List.of("0-6 rwp@0"), process.layout());
  }

  @Test
  void filePagesMergeWhereTheyAreContiguous() {
    process.mmap(0, 2, Prot.READ, Mapping.fileShared(file, 0));
    process.mmap(2, 2, Prot.READ, Mapping.fileShared(file, 2));
    assertEquals(List.of("0-4 r-s@0"), process.layout());
    process.mmap(4, 2, Prot.READ, Mapping.fileShared(file, 5));
    process.mmap(6, 2, Prot.READ, Mapping.filePrivate(file, 7));
    assertEquals(List.of("0-4 r-s@0", "4-6 r-s@5", "6-8 r-p@7"), process.layout());
  }

  @Test
  void everySharedAnonymousMappingIsAnObjectOfItsOwn() {
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.anonShared());
    process.mmap(2, 2, Prot.READ_WRITE, Mapping.anonShared());
    assertEquals(List.of("0-2 rws@0", "2-4 rws@0"), process.layout());
  }

  @Test
  void twoObjectsOfTheirOwnPagesDoNotMerge() {
    process.mmap(0, 1);
    process.mmap(2, 1);
    process.store(0, 1);
    process.store(2, 1);
    process.mmap(1, 1);
    // vma_expand of mmap_region asks the next first, and the previous then has to fit that one.
    assertEquals(List.of("0-1 rwp@0", "1-3 rwp@1"), process.layout());
  }

  @Test
  void touchedNeighboursShareTheirAnonVma() {
    process.mmap(0, 2);
    process.mprotect(1, 1, Prot.READ);
    process.mprotect(1, 1, Prot.READ_WRITE);
    assertEquals(List.of("0-2 rwp@0"), process.layout());
    process.mprotect(1, 1, Prot.READ);
    process.store(0, 1);
    assertTrue(process.mm.vmas().get(0).hasAnonVma());
    assertFalse(process.mm.vmas().get(1).hasAnonVma());
    // An untouched neighbour has an empty chain: 6.1 lets it take over nothing that was touched,
    // but the touched one takes over the untouched part.
    process.mprotect(1, 1, Prot.READ_WRITE);
    assertEquals(List.of("0-2 rwp@0"), process.layout());
  }

  @Test
  void aFirstWriteJoinsTheAnonVmaOfANeighbourWithOtherRights() {
    process.mmap(0, 2);
    process.mprotect(0, 1, Prot.READ);
    process.store(1, 1);
    process.mprotect(1, 1, Prot.NONE);
    process.mprotect(0, 1, Prot.READ_WRITE);
    process.store(0, 1);
    assertEquals(List.of("0-1 rwp@0", "1-2 --p@1"), process.layout());
    process.mprotect(1, 1, Prot.READ_WRITE);
    assertEquals(List.of("0-2 rwp@0"), process.layout());
  }

  @Test
  void anUntouchedNeighbourTakesOverNothingThatWasTouched() {
    process.mmap(0, 1, Prot.READ, Mapping.anonPrivate());
    process.mmap(1, 1);
    process.mprotect(0, 1, Prot.READ_WRITE);
    process.mprotect(1, 1, Prot.READ);
    process.mprotect(0, 1, Prot.READ);
    assertEquals(List.of("0-2 r-p@0"), process.layout());
    process.mprotect(1, 1, Prot.READ_WRITE);
    process.store(1, 1);
    process.mprotect(1, 1, Prot.READ);
    assertEquals(List.of("0-1 r-p@0", "1-2 r-p@1"), process.layout());
  }

  @Test
  void accountedMemoryStaysAccounted() {
    process.mmap(0, 2, Prot.READ, Mapping.anonPrivate());
    process.mprotect(1, 1, Prot.READ_WRITE);
    process.mprotect(1, 1, Prot.READ);
    assertEquals(List.of("0-1 r-p@0", "1-2 r-p@1"), process.layout());
    assertEquals(
        VmFlags.ACCOUNT, process.mm.vmas().get(0).flags() ^ process.mm.vmas().get(1).flags());
  }

  @Test
  void mprotectMovesTheBorderBetweenNeighbours() {
    process.mmap(0, 8);
    process.mprotect(4, 4, Prot.READ);
    process.mprotect(2, 2, Prot.READ);
    assertEquals(List.of("0-2 rwp@0", "2-8 r-p@2"), process.layout());
    process.mprotect(2, 3, Prot.READ_WRITE);
    assertEquals(List.of("0-5 rwp@0", "5-8 r-p@5"), process.layout());
    process.mprotect(1, 1, Prot.NONE);
    process.mprotect(1, 7, Prot.READ_WRITE);
    assertEquals(List.of("0-8 rwp@0"), process.layout());
  }

  @Test
  void mremapRemembersWhereTouchedMemoryWas() {
    process.mmap(0, 2);
    process.store(0, 1);
    assertEquals(Errno.OK, process.mremap(0, 2, 10));
    assertEquals(List.of("10-12 rwp@0"), process.layout());
    process.mmap(12, 1);
    assertEquals(List.of("10-12 rwp@0", "12-13 rwp@12"), process.layout());
    assertEquals(Errno.OK, process.mremap(10, 2, 0));
    process.mmap(2, 1);
    assertEquals(List.of("0-3 rwp@0", "12-13 rwp@12"), process.layout());
  }

  @Test
  void mremapOfUntouchedMemoryForgetsWhereItWas() {
    process.mmap(0, 3);
    process.load(0);
    process.mmap(10, 1);
    assertEquals(Errno.OK, process.mremap(1, 1, 11));
    assertEquals(List.of("0-1 rwp@0", "2-3 rwp@2", "10-12 rwp@10"), process.layout());
  }

  @Test
  void mremapBackIntoItsGapHealsIt() {
    process.mmap(0, 3);
    process.store(0, 1);
    process.store(1, 2);
    process.mremap(1, 1, 10);
    process.mremap(10, 1, 1);
    assertEquals(List.of("0-3 rwp@0"), process.layout());
    assertEquals(2, process.load(1));
  }

  @Test
  void M014_aVmaIsFoundByItsEnd() {
    process.mmap(2, 2);
    FakeVma vma = process.mm.vmas().get(0);
    assertSame(vma, process.mm.findVma(at(0)));
    assertSame(vma, process.mm.findVma(at(4) - 1));
    assertSame(null, process.mm.findVma(at(4)));
    assertSame(null, process.mm.findVma(-1));
    assertEquals("0x40002000-0x40004000 rwp anon@262146", vma.toString());
  }

  @Test
  void unmappingSplits() {
    process.mmap(0, 6);
    process.munmap(2, 1);
    assertEquals(List.of("0-2 rwp@0", "3-6 rwp@3"), process.layout());
    List<FakeVma> before = process.mm.vmas();
    process.munmap(1, 3);
    assertEquals(List.of("0-1 rwp@0", "4-6 rwp@4"), process.layout());
    assertEquals(at(2), before.get(0).end());
  }
}

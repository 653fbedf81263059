// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.selftest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.testkit.mm.FakeFile;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Memory moves to the device and back, and the device has pages to itself. */
@ParameterizedClass
@EnumSource(MemoryType.class)
final class MigrateSelfTest extends SelfTest {

  MigrateSelfTest(MemoryType type) {
    super(type, 1);
  }

  private int pagesOnDevice() {
    return hardware.get(0).pagesInUse();
  }

  @Card("migrate")
  void movesToTheDevice() {
    mapFilled(BUFFER);

    assertMoves(device(), 0, filled(0, BUFFER));
    assertEquals(BUFFER, pagesOnDevice());
  }

  @Card("migrate_file_private")
  void movesPrivateCopiesOfAFile() {
    FakeFile file = FakeFile.create(memory, BUFFER);
    map(BUFFER, Prot.READ_WRITE, Mapping.filePrivate(file, 0));
    fill(mm, 0, BUFFER);

    assertMoves(device(), 0, filled(0, BUFFER));
    assertEquals(BUFFER, pagesOnDevice());
    file.close();
  }

  @Card("migrate_fault")
  void movesAgainWhatTheCpuHasRead() {
    mapFilled(BUFFER);
    assertMoves(device(), 0, filled(0, BUFFER));

    assertCpuSees(0, filled(0, BUFFER / 2));
    assertEquals(isCoherent() ? BUFFER : BUFFER / 2, pagesOnDevice());
    assertMoves(device(), 0, filled(0, BUFFER));
    assertEquals(BUFFER, pagesOnDevice());
  }

  @Card("migrate_release")
  void bringsEverythingBackWhenItsMemoryIsRemoved() {
    mapFilled(BUFFER);
    assertMoves(device(), 0, filled(0, BUFFER));

    hardware.get(0).release();
    assertEquals(0, pagesOnDevice());
    assertCpuSees(0, filled(0, BUFFER / 2));
    assertMoves(device(), 0, filled(0, BUFFER));
    assertEquals(BUFFER, pagesOnDevice());
  }

  @Card("migrate_shared")
  void doesNotMoveSharedMemory() {
    map(BUFFER, Prot.READ_WRITE, Mapping.anonShared());

    assertFails(Errno.ENOENT, device().migrateToDevice(at(0), new int[BUFFER]));
    assertEquals(0, pagesOnDevice());
  }

  @Card("migrate_multiple")
  void movesOneMappingAfterTheOther() {
    for (int round = 0; round < ROUNDS; round++) {
      mapFilled(BUFFER);
      store(mm, 0, new int[] {round});
      int[] expected = filled(0, BUFFER);
      expected[0] = round;
      assertMoves(device(), 0, expected);
      if (isCoherent()) {
        assertDone(device().migrateToSystem(at(0), BUFFER), BUFFER, 0);
      }
      assertCpuSees(0, expected);
      assertEquals(0, pagesOnDevice());
      unmap(0, BUFFER);
    }
  }

  private void takeExclusively() {
    mapFilled(BUFFER);
    int[] mirror = new int[BUFFER];
    assertDone(device().exclusive(at(0), mirror), BUFFER, 0);
    assertEquals(filled(0, BUFFER)[BUFFER - 1], mirror[BUFFER - 1]);
    assertEquals(Errno.EPERM, device().checkExclusive(at(0), BUFFER));
  }

  private static int[] incremented() {
    return filled(1, BUFFER);
  }

  @Card("exclusive")
  void theCpuTakesExclusivePagesBack() {
    takeExclusively();

    store(mm, 0, incremented());
    assertEquals(Errno.OK, device().checkExclusive(at(0), BUFFER));
    assertCpuSees(0, incremented());
  }

  @Card("exclusive_mprotect")
  void exclusivePagesLoseTheRightToWrite() {
    takeExclusively();
    protect(0, BUFFER, Prot.READ);

    assertFails(Errno.EPERM, device().write(at(0), others(BUFFER)));
    assertCpuSees(0, filled(0, BUFFER));
  }
}

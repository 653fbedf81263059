// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.selftest;

import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.driver.DmirrorProt;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Two devices share one process: the fixture {@code hmm2}. */
@ParameterizedClass
@EnumSource(MemoryType.class)
final class TwoDevicesSelfTest extends SelfTest {

  TwoDevicesSelfTest(MemoryType type) {
    super(type, 2);
  }

  private Dmirror second() {
    return devices.get(1);
  }

  @Card("migrate_mixed")
  void movesWhatItCan() {
    map(6, Prot.NONE, Mapping.anonPrivate());
    assertFails(Errno.EINVAL, second().migrateToDevice(at(0), new int[6]));
    unmap(1, 1);
    assertFails(Errno.EINVAL, second().migrateToDevice(at(0), new int[3]));

    protect(2, 1, Prot.READ);
    assertCpuSees(2, 0);
    protect(3, 1, Prot.READ_WRITE);
    fill(mm, 3, 1);
    protect(3, 1, Prot.READ);
    protect(4, 2, Prot.READ_WRITE);
    fill(mm, 4, 2);
    int[] expected = filled(2, 4);
    expected[0] = 0;
    assertMoves(second(), 2, expected);

    assertFails(Errno.ENOENT, device().migrateToDevice(at(5), new int[1]));
  }

  @Card("snapshot")
  void seesWhereEachPageIs() {
    map(7, Prot.NONE, Mapping.anonPrivate());
    unmap(1, 1);
    protect(2, 1, Prot.READ);
    assertCpuSees(2, 0);
    protect(3, 1, Prot.READ_WRITE);
    fill(mm, 3, 1);
    protect(3, 1, Prot.READ);
    protect(4, 3, Prot.READ_WRITE);
    fill(mm, 4, 1);
    assertMoves(device(), 5, 0);
    assertMoves(second(), 6, 0);

    int error = Byte.toUnsignedInt(DmirrorProt.ERROR);
    int zero = DmirrorProt.ZERO | DmirrorProt.READ;
    int write = DmirrorProt.WRITE;
    int local =
        write | (isCoherent() ? DmirrorProt.DEV_COHERENT_LOCAL : DmirrorProt.DEV_PRIVATE_LOCAL);
    int remote = isCoherent() ? write | DmirrorProt.DEV_COHERENT_REMOTE : DmirrorProt.NONE;
    assertSnapshot(error, error, zero, DmirrorProt.READ, write, local, remote);
  }

  @Card("double_map")
  void bothReadTheSamePages() {
    mapFilled(6);
    protect(0, 6, Prot.READ);
    int[] expected = filled(0, 6);
    assertReads(device(), expected);
    assertReads(second(), expected);

    assertMoves(second(), 0, expected);
    assertReads(device(), expected);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.selftest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.machine.Task;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.driver.DmirrorProt;
import org.hmm4j.testkit.mm.DeviceMemory;
import org.hmm4j.testkit.mm.FakeFile;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.Prot;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The device reads and writes memory of the process, where it lies. */
@ParameterizedClass
@EnumSource(MemoryType.class)
final class AccessSelfTest extends SelfTest {

  private static final long SEED = 20261121;

  AccessSelfTest(MemoryType type) {
    super(type, 1);
  }

  @Card("open_close")
  void openAndClose() {
    assertEquals(1, devices.size());
  }

  @Card("anon_read")
  void readsWhatWasWrittenAndTheZeroPage() {
    map(BUFFER, Prot.READ_WRITE, Mapping.anonPrivate());
    fill(mm, 2, BUFFER - 2);
    protect(0, BUFFER, Prot.READ);
    assertCpuSees(1, 0);

    int[] expected = filled(0, BUFFER);
    expected[0] = 0;
    expected[1] = 0;
    assertReads(device(), expected);
  }

  @Card("anon_read_prot")
  void doesNotReadWhatTheCpuMayNot() {
    mapFilled(BUFFER);
    protect(0, BUFFER, Prot.NONE);
    int[] mirror = others(BUFFER);

    assertFails(Errno.EFAULT, device().read(at(0), mirror));
    assertArrayEquals(others(BUFFER), mirror);
    protect(0, BUFFER, Prot.READ);
    assertCpuSees(0, filled(0, BUFFER));
  }

  @Card("anon_write")
  void writesWhatWasNeverTouched() {
    map(BUFFER, Prot.READ_WRITE, Mapping.anonPrivate());

    assertDone(device().write(at(0), others(BUFFER)), BUFFER, 1);
    assertCpuSees(0, others(BUFFER));
  }

  @Card("anon_write_prot")
  void doesNotWriteWhatTheCpuMayNot() {
    map(BUFFER, Prot.READ, Mapping.anonPrivate());
    assertReads(device(), 0);

    assertFails(Errno.EPERM, device().write(at(0), others(BUFFER)));
    assertCpuSees(0, new int[BUFFER]);
    protect(0, BUFFER, Prot.READ_WRITE);
    assertDone(device().write(at(0), others(BUFFER)), BUFFER, 1);
    assertCpuSees(0, others(BUFFER));
  }

  @Card("file_read")
  void readsAFile() {
    FakeFile file = FakeFile.create(memory, BUFFER);
    for (int page = 0; page < BUFFER; page++) {
      assertEquals(Errno.OK, file.write(page, filled(page, 1)[0]));
    }
    map(BUFFER, Prot.READ, Mapping.fileShared(file, 0));

    assertReads(device(), filled(0, BUFFER));
    file.close();
  }

  @Card("file_write")
  void writesAFile() {
    FakeFile file = FakeFile.create(memory, BUFFER);
    map(BUFFER, Prot.READ_WRITE, Mapping.fileShared(file, 0));

    assertDone(device().write(at(0), others(BUFFER)), BUFFER, 1);
    assertCpuSees(0, others(BUFFER));
    int[] stored = new int[BUFFER];
    for (int page = 0; page < BUFFER; page++) {
      stored[page] = file.read(page);
    }
    assertArrayEquals(others(BUFFER), stored);
    file.close();
  }

  @Card("anon_read_multiple")
  void readsOneMappingAfterTheOther() {
    for (int round = 0; round < ROUNDS; round++) {
      mapFilled(BUFFER);
      store(mm, 0, new int[] {round});
      int[] expected = filled(0, BUFFER);
      expected[0] = round;
      assertReads(device(), expected);
      unmap(0, BUFFER);
    }
  }

  /** At random times: what is read must be right, or the command fails. */
  @Card("anon_teardown")
  void readsWhileAnotherTaskUnmaps() {
    System.out.println("AccessSelfTest: seed " + SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      mapFilled(BUFFER);
      long delay = 1 + random.nextLong(32_000);
      Task unmapper =
          kernel
              .machine()
              .spawn(
                  "unmapper",
                  () -> {
                    LockSupport.parkNanos(delay);
                    unmap(BUFFER / 2, BUFFER / 2);
                  });
      int[] mirror = new int[BUFFER];
      Dmirror.Result result = device().read(at(0), mirror);
      if (result.errno() == Errno.OK) {
        assertDone(result, BUFFER, 1);
        assertArrayEquals(filled(0, BUFFER), mirror);
      } else {
        assertFails(Errno.EFAULT, result);
      }
      unmapper.join();
      assertEquals(Optional.empty(), unmapper.failure());
      assertCpuSees(0, filled(0, BUFFER / 2));
      unmap(0, BUFFER);
    }
  }

  /** The entries of the kernel's mapping are read-only, for it is private. */
  @Card("mixedmap")
  void looksAtPagesOfADriver() {
    DeviceMemory driver = DeviceMemory.create(memory, 1);
    assertEquals(Errno.OK, driver.backWithPage(0));
    map(1, Prot.READ, Mapping.mixedMap(driver, 0));
    assertCpuSees(0, 0);

    assertSnapshot(DmirrorProt.READ);
    driver.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.hmm4j.kernel.KernelBug;
import org.junit.jupiter.api.Test;

class FakeFileTest {

  private final Process process = new Process();
  private final FakeFile file = FakeFile.create(process.memory, 4);

  @Test
  void holesReadAsZeroAndStay() {
    assertEquals(0, file.read(0));
    assertFalse(file.isPresent(0));
    file.write(0, 3);
    assertEquals(3, file.read(0));
    assertTrue(file.isPresent(0));
    assertEquals(1, process.memory.framesInUse());
    assertEquals(4, file.pages());
    file.close();
    file.close();
    process.exit();
  }

  @Test
  void hasOnlyItsPages() {
    assertThrows(IndexOutOfBoundsException.class, () -> file.write(4, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> file.read(-1));
    assertThrows(IllegalArgumentException.class, () -> FakeFile.create(process.memory, -1));
    assertThrows(IllegalArgumentException.class, () -> Mapping.fileShared(file, -1));
    file.close();
    assertThrows(KernelBug.class, () -> file.read(0));
    process.exit();
  }

  @Test
  void livesAsLongAsItIsMapped() {
    file.write(1, 7);
    process.mmap(0, 4, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    process.mprotect(1, 1, Prot.READ);
    file.close();
    assertEquals(7, process.load(1));
    process.dontneed(0, 4);
    assertEquals(7, process.load(1));
    process.munmap(0, 1);
    process.mremap(1, 1, 10);
    process.munmap(2, 2);
    assertEquals(7, process.load(10));
    process.munmap(10, 1);
    assertEquals(0, process.memory.framesInUse());
    process.exit();
  }

  @Test
  void writesAreSeenThroughMappings() {
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    process.mmap(2, 2, Prot.READ_WRITE, Mapping.fileShared(file, 0));
    process.store(0, 5);
    assertEquals(5, process.load(2));
    assertEquals(5, file.read(0));
    file.write(0, 6);
    assertEquals(6, process.load(0));
    file.close();
    process.exit();
  }

  @Test
  void sharedAnonymousMemoryIsFreedWithItsLastVma() {
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.anonShared());
    process.store(0, 5);
    process.dontneed(0, 2);
    assertEquals(1, process.memory.framesInUse());
    assertEquals(5, process.load(0));
    process.munmap(0, 2);
    assertEquals(0, process.memory.framesInUse());
    file.close();
    process.exit();
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.hmm4j.testkit.mm.Process.size;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.junit.jupiter.api.Test;

class SystemCallErrorsTest {

  private static final long TASK_SIZE = 1L << 47;

  private final Process process = new Process();
  private final FakeMm mm = process.mm;

  @Test
  void mmapChecksLengthThenPlaceThenAlignment() {
    Mapping anon = Mapping.anonPrivate();
    assertEquals(Errno.EINVAL, mm.mmap(at(0) + 1, 0, Prot.READ, anon));
    assertEquals(Errno.ENOMEM, mm.mmap(at(0) + 1, -1, Prot.READ, anon));
    assertEquals(Errno.ENOMEM, mm.mmap(TASK_SIZE - 1, size(1), Prot.READ, anon));
    assertEquals(Errno.ENOMEM, mm.mmap(-size(1), size(1), Prot.READ, anon));
    assertEquals(Errno.EINVAL, mm.mmap(at(0) + 1, size(1), Prot.READ, anon));
    assertEquals(Errno.OK, mm.mmap(TASK_SIZE - size(1), 1, Prot.READ, anon));
    assertEquals(1, mm.vmas().size());
    assertEquals(size(1), mm.vmas().get(0).end() - mm.vmas().get(0).start());
    process.exit();
  }

  @Test
  void mmapOfFilePagesBeyondAllNumbersOverflows() {
    FakeFile file = FakeFile.create(process.memory, 1);
    Mapping mapping = Mapping.fileShared(file, Long.MAX_VALUE);
    assertEquals(Errno.EOVERFLOW, process.mmap(0, 1, Prot.READ, mapping));
    file.close();
    process.exit();
  }

  @Test
  void munmapChecksRange() {
    process.mmap(0, 1);
    assertEquals(Errno.EINVAL, mm.munmap(at(0), 0));
    assertEquals(Errno.EINVAL, mm.munmap(at(0) + 1, size(1)));
    assertEquals(Errno.EINVAL, mm.munmap(at(0), TASK_SIZE));
    assertEquals(Errno.EINVAL, mm.munmap(at(0), -1));
    assertEquals(List.of("0-1 rwp@0"), process.layout());
    assertEquals(Errno.OK, process.munmap(5, 100));
    assertEquals(List.of(), process.takeCalls());
    process.exit();
  }

  @Test
  void mprotectChecksAlignmentFirstAndDoesNothingForNothing() {
    assertEquals(Errno.EINVAL, mm.mprotect(at(0) + 1, 0, Prot.READ));
    assertEquals(Errno.OK, mm.mprotect(at(0), 0, Prot.READ));
    assertEquals(Errno.ENOMEM, mm.mprotect(at(0), -1, Prot.READ));
    assertEquals(Errno.ENOMEM, process.mprotect(0, 1, Prot.READ));
    process.exit();
  }

  @Test
  void mprotectKeepsWhatItDidBeforeAHole() {
    process.mmap(0, 2);
    process.mmap(3, 2);
    assertEquals(Errno.ENOMEM, process.mprotect(1, 3, Prot.READ));
    assertEquals(List.of("0-1 rwp@0", "1-2 r-p@1", "3-5 rwp@3"), process.layout());
    assertEquals(Errno.ENOMEM, mm.mprotect(at(3), Long.MIN_VALUE, Prot.READ));
    assertEquals(List.of("0-1 rwp@0", "1-2 r-p@1", "3-5 r-p@3"), process.layout());
    process.exit();
  }

  @Test
  void dontneedGoesOnBehindAHole() {
    process.mmap(0, 1);
    process.mmap(2, 1);
    process.store(0, 7);
    process.store(2, 8);
    assertEquals(Errno.ENOMEM, process.dontneed(0, 4));
    assertEquals(0, process.load(0));
    assertEquals(0, process.load(2));
    assertEquals(Errno.EINVAL, mm.madviseDontneed(at(0) + 1, size(1)));
    assertEquals(Errno.EINVAL, mm.madviseDontneed(at(0), -1));
    assertEquals(Errno.EINVAL, mm.madviseDontneed(at(0), -size(1)));
    assertEquals(Errno.OK, mm.madviseDontneed(at(0), 0));
    process.exit();
  }

  @Test
  void mremapLooksUpTheSourceBeforeItChecksTheTarget() {
    process.mmap(0, 2);
    assertEquals(Errno.EINVAL, mm.mremap(at(0) + 1, size(1), at(8)));
    assertEquals(Errno.EINVAL, mm.mremap(at(0), 0, at(8)));
    assertEquals(Errno.EFAULT, mm.mremap(at(5), size(1), at(5)));
    assertEquals(Errno.EINVAL, mm.mremap(at(0), size(1), at(8) + 1));
    assertEquals(Errno.EINVAL, mm.mremap(at(0), size(2), at(1)));
    assertEquals(Errno.EINVAL, mm.mremap(at(0), size(2), TASK_SIZE - size(1)));
    assertEquals(List.of("0-2 rwp@0"), process.layout());
    process.exit();
  }

  @Test
  void mremapAcrossVmasFailsWithTheTargetGone() {
    process.mmap(0, 2);
    process.mmap(8, 4);
    assertEquals(Errno.EFAULT, process.mremap(1, 2, 9));
    assertEquals(List.of("0-2 rwp@0", "8-9 rwp@8", "11-12 rwp@11"), process.layout());
    process.exit();
  }

  @Test
  void aDeadProcessMakesNoCalls() {
    process.exit();
    KernelBug bug = assertThrows(KernelBug.class, () -> process.munmap(0, 1));
    assertEquals(KernelBug.Rule.MM_GONE, bug.rule());
    assertThrows(KernelBug.class, () -> process.store(0, 1));
    assertFalse(mm.mm().mmapLock().isHeld());
  }

  @Test
  void refusesWhatBelongsElsewhere() {
    Kernel other = Kernel.boot();
    PhysicalMemory otherMemory = PhysicalMemory.create(other);
    assertThrows(IllegalArgumentException.class, () -> FakeMm.create(process.kernel, otherMemory));
    Mapping mapping = Mapping.fileShared(FakeFile.create(otherMemory, 1), 0);
    assertThrows(IllegalArgumentException.class, () -> process.mmap(0, 1, Prot.READ, mapping));
    assertThrows(IllegalArgumentException.class, () -> mm.load(at(0) + 4));
    process.exit();
  }

  @Test
  void mappingAClosedFileLeavesWhatWasThere() {
    FakeFile file = FakeFile.create(process.memory, 1);
    file.close();
    process.mmap(0, 1);
    process.store(0, 5);
    assertThrows(KernelBug.class, () -> process.mmap(0, 1, Prot.READ, Mapping.fileShared(file, 0)));
    assertEquals(5, process.load(0));
    process.exit();
  }
}

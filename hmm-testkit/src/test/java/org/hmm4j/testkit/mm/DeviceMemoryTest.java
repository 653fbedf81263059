// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFlags;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeviceMemoryTest {

  private final Process process = new Process();
  private final DeviceMemory device = DeviceMemory.create(process.memory, 4);

  @AfterEach
  void nothingIsLeft() {
    device.close();
    process.exit();
  }

  private String entry(long page) {
    return Pte.toString(process.pte(page) & ~Pte.PFN_MASK);
  }

  @Test
  void registersAreMappedAtOnce() {
    device.write(2, 5);
    assertEquals(Errno.OK, process.mmap(0, 3, Prot.READ_WRITE, Mapping.io(device, 1)));
    assertEquals("pfn 0x0 rw special", entry(1));
    assertEquals(device.pfn(2), Pte.pfn(process.pte(1)));
    assertEquals(5, process.load(1));
    process.store(1, 6);
    assertEquals(6, device.read(2));
    assertEquals(VmFlags.IO | VmFlags.PFNMAP, special(0));
    assertEquals(List.of("0-3 rws@1"), process.layout());
  }

  private long special(int index) {
    return process.mm.vmas().get(index).flags() & (VmFlags.IO | VmFlags.PFNMAP | VmFlags.MIXEDMAP);
  }

  @Test
  void registersBeyondTheDeviceAreNot() {
    process.mmap(0, 1);
    assertEquals(Errno.EINVAL, process.mmap(0, 4, Prot.READ, Mapping.io(device, 1)));
    assertEquals(List.of(), process.layout());
  }

  @Test
  void rawMemoryIsMappedAsItIsAccessed() {
    assertEquals(Errno.OK, process.mmap(0, 6, Prot.READ_WRITE, Mapping.pfnMap(device, 0)));
    assertEquals(Pte.NONE, process.pte(3));
    process.store(3, 9);
    assertEquals(9, device.read(3));
    assertEquals("pfn 0x0 rw special dirty", entry(3));
    assertEquals(Pte.NONE, process.pte(2));
    assertEquals(Signal.SIGBUS, process.store(4, 1));
    assertEquals(VmFlags.PFNMAP, special(0));
    assertEquals(0, process.memory.framesInUse());
  }

  @Test
  void mixedMappingsHaveBoth() {
    device.write(1, 3);
    assertEquals(Errno.OK, device.backWithPage(1));
    assertEquals(Errno.OK, device.backWithPage(1));
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.mixedMap(device, 0));
    process.store(0, 8);
    assertEquals(3, process.load(1));
    process.store(1, 4);
    assertEquals("pfn 0x0 rw special dirty", entry(0));
    assertEquals("pfn 0x0 rw dirty", entry(1));
    assertEquals(VmFlags.MIXEDMAP, special(0));
    assertEquals(1, process.memory.mapCount(Pte.pfn(process.pte(1))));
    device.close();
    assertEquals(4, process.load(1));
    assertEquals(Errno.OK, process.dontneed(0, 2));
    assertEquals(0, process.memory.framesInUse());
    process.memory.failAllocation(number -> true);
    assertEquals(Errno.ENOMEM, device.backWithPage(0));
  }

  @Test
  void rightsChangeAndPagesMoveAsElsewhere() {
    process.mmap(0, 2, Prot.READ, Mapping.io(device, 0));
    assertEquals("pfn 0x0 r special", entry(0));
    assertEquals(Signal.SIGSEGV, process.store(0, 1));
    process.mprotect(0, 1, Prot.READ_WRITE);
    process.mprotect(0, 2, Prot.READ_WRITE);
    assertEquals(2, process.layout().size(), "such VMAs never merge");
    process.store(0, 1);
    assertEquals(Errno.OK, process.mremap(0, 1, 20));
    assertEquals(1, process.load(20));
    assertEquals(Errno.EINVAL, process.dontneed(20, 1));
    assertEquals(Errno.OK, process.munmap(20, 1));
  }

  @Test
  void nobodyReclaimsMigratesOrHintsThem() {
    device.backWithPage(1);
    process.mmap(0, 2, Prot.READ_WRITE, Mapping.mixedMap(device, 0));
    process.mmap(4, 2, Prot.READ_WRITE, Mapping.io(device, 0));
    process.load(0);
    process.load(1);
    for (long page : new long[] {0, 1, 4}) {
      assertFalse(process.mm.reclaim(at(page)));
      assertFalse(process.mm.migrate(at(page)));
      assertFalse(process.mm.memoryFailure(at(page)));
    }
    assertTrue(process.mm.numaHint(at(0), at(6)));
    assertEquals(List.of(), process.takeCalls());
  }

  @Test
  void framesLieBesideMainMemory() {
    DeviceMemory other = DeviceMemory.create(process.memory, 1);
    assertEquals(device.pfn(3) + 1, other.pfn(0));
    process.memory.writeWord(other.pfn(0), 7);
    assertEquals(7, other.read(0));
    assertEquals(7, process.memory.readWord(other.pfn(0)));
    assertThrows(KernelBug.class, () -> process.memory.readWord(other.pfn(0) + 1));
    assertThrows(KernelBug.class, () -> process.memory.get(other.pfn(0)));
    assertThrows(IllegalArgumentException.class, () -> DeviceMemory.create(process.memory, 0));
    Kernel kernel = Kernel.boot();
    FakeMm stranger = FakeMm.create(kernel, PhysicalMemory.create(kernel));
    assertThrows(
        IllegalArgumentException.class,
        () -> stranger.mmap(0, 4096, Prot.READ, Mapping.io(device, 0)));
    assertEquals("io@1", Mapping.io(device, 1).toString());
    assertEquals("pfn@0", Mapping.pfnMap(device, 0).toString());
    assertEquals("mixed@0", Mapping.mixedMap(device, 0).toString());
  }
}

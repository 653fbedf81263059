// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hmm4j.mm.Pte;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.testkit.device.DevicePageTable;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.mm.FakeFile;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.FakeVma;

/**
 * What the CPU and some devices have in their page tables for the pages of a process: the VMA, the
 * entry of the CPU, the word in the page, the entry of each device. Entries name the rights and
 * then the page frame.
 */
public final class ProcessPages implements PageRows {

  private static final String NOTHING = "-";

  private final FakeMm mm;
  private final long base;
  private final FakeFile file;
  private final List<Dmirror> devices;

  /**
   * Makes a source for pictures.
   *
   * @param mm the address space
   * @param base the address of page 0, in bytes
   * @param file the file that is called one; every other object behind a mapping is called
   *     anonymous
   * @param devices the devices
   */
  public ProcessPages(FakeMm mm, long base, FakeFile file, List<? extends Dmirror> devices) {
    this.mm = mm;
    this.base = base;
    this.file = file;
    this.devices = List.copyOf(devices);
  }

  @Override
  public List<String> columns() {
    List<String> columns = new ArrayList<>(List.of("vma", "cpu", "value"));
    for (int device = 0; device < devices.size(); device++) {
      columns.add("device " + device);
    }
    return columns;
  }

  @Override
  public List<String> describe(int page) {
    long address = base + ((long) page << pageShift());
    long pte = mm.pte(address);
    List<String> cells = new ArrayList<>();
    cells.add(vma(address).map(this::text).orElse(NOTHING));
    cells.add(cpu(pte));
    cells.add(Pte.isPresent(pte) ? value(Pte.pfn(pte)) : NOTHING);
    devices.forEach(device -> cells.add(entry(device, address)));
    return cells;
  }

  private int pageShift() {
    return mm.pageTables().geometry().pageShift();
  }

  private Optional<FakeVma> vma(long address) {
    return mm.vmas().stream()
        .filter(vma -> vma.start() <= address && address < vma.end())
        .findFirst();
  }

  private String text(FakeVma vma) {
    boolean readable = (vma.flags() & VmFlags.READ) != 0;
    boolean writable = (vma.flags() & VmFlags.WRITE) != 0;
    String rights = writable ? "rw" : readable ? "r" : "none";
    String kind = object(vma) + (vma.isShared() ? "-shared" : "-private");
    long first = page(vma.start());
    long last = page(vma.end()) - 1;
    return "%d..%d %s %s".formatted(first, last, rights, kind);
  }

  private String object(FakeVma vma) {
    if ((vma.flags() & VmFlags.HUGETLB) != 0) {
      return "hugetlb";
    }
    return vma.file() == file ? "file" : "anon";
  }

  private long page(long address) {
    return (address - base) >> pageShift();
  }

  private String cpu(long pte) {
    if (pte == Pte.NONE) {
      return NOTHING;
    }
    return Pte.isPresent(pte) ? frame(Pte.pfn(pte), Pte.isWritable(pte)) : Pte.toString(pte);
  }

  private String entry(Dmirror device, long address) {
    DevicePageTable table = device.pageTable();
    table.lock().lock();
    try {
      DevicePageTable.Entry entry = table.find(address);
      return entry == null ? NOTHING : frame(entry.pfn(), entry.writable());
    } finally {
      table.lock().unlock();
    }
  }

  private String frame(long pfn, boolean writable) {
    String rights = writable ? "rw " : "r ";
    boolean zero = pfn == mm.memory().zeroPfn();
    return rights + (zero ? "zero page" : "0x" + Long.toHexString(pfn));
  }

  private String value(long pfn) {
    return Integer.toUnsignedString(mm.memory().readWord(pfn));
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.HashMap;
import java.util.Map;
import org.hmm4j.kernel.Errno;

/** What a process may expect of its memory, page by page, without VMAs, tables or frames. */
final class PageModel {

  /** One page of an address space. */
  static final class Cell {
    final Map<Long, Integer> object;
    final long objectPages;
    final long index;
    final boolean shared;
    Prot prot;
    Integer own;

    Cell(Map<Long, Integer> object, long objectPages, long index, boolean shared, Prot prot) {
      this.object = object;
      this.objectPages = objectPages;
      this.index = index;
      this.shared = shared;
      this.prot = prot;
    }

    private boolean isBeyondEnd() {
      return own == null && index >= objectPages;
    }
  }

  final Cell[] cells;
  final Map<Long, Integer> file;
  private final long filePages;

  PageModel(int pages, long filePages) {
    this(new Cell[pages], new HashMap<>(), filePages);
  }

  private PageModel(Cell[] cells, Map<Long, Integer> file, long filePages) {
    this.cells = cells;
    this.file = file;
    this.filePages = filePages;
  }

  /** A child process sees what is there now, and from then on what is written to objects. */
  PageModel fork() {
    Cell[] copies = new Cell[cells.length];
    for (int i = 0; i < cells.length; i++) {
      Cell cell = cells[i];
      if (cell != null) {
        copies[i] = new Cell(cell.object, cell.objectPages, cell.index, cell.shared, cell.prot);
        copies[i].own = cell.own;
      }
    }
    return new PageModel(copies, file, filePages);
  }

  void mmap(int page, int pages, Prot prot, boolean ofFile, boolean shared, int firstPage) {
    Map<Long, Integer> object = ofFile ? file : new HashMap<>();
    long size = ofFile ? filePages : Long.MAX_VALUE;
    for (int i = 0; i < pages; i++) {
      cells[page + i] = new Cell(object, size, firstPage + i, shared, prot);
    }
  }

  void munmap(int page, int pages) {
    for (int i = page; i < page + pages; i++) {
      cells[i] = null;
    }
  }

  Errno mprotect(int page, int pages, Prot prot) {
    for (int i = page; i < page + pages; i++) {
      if (cells[i] == null) {
        return Errno.ENOMEM;
      }
      cells[i].prot = prot;
    }
    return Errno.OK;
  }

  Errno dontneed(int page, int pages) {
    Errno errno = Errno.OK;
    for (int i = page; i < page + pages; i++) {
      if (cells[i] == null) {
        errno = Errno.ENOMEM;
      } else {
        cells[i].own = null;
      }
    }
    return errno;
  }

  /**
   * Moves pages.
   *
   * @param withinOneVma whether the source will lie within one VMA once the target is unmapped
   */
  Errno mremap(int from, int pages, int to, boolean withinOneVma) {
    if (cells[from] == null) {
      return Errno.EFAULT;
    } else if (from < to + pages && to < from + pages) {
      return Errno.EINVAL;
    }
    munmap(to, pages);
    if (!withinOneVma) {
      return Errno.EFAULT;
    }
    System.arraycopy(cells, from, cells, to, pages);
    munmap(from, pages);
    return Errno.OK;
  }

  Signal store(int page, int value) {
    Cell cell = cells[page];
    if (cell == null || cell.prot != Prot.READ_WRITE) {
      return Signal.SIGSEGV;
    } else if (cell.isBeyondEnd()) {
      return Signal.SIGBUS;
    } else if (cell.shared) {
      cell.object.put(cell.index, value);
    } else {
      cell.own = value;
    }
    return Signal.NONE;
  }

  CpuLoad load(int page) {
    Cell cell = cells[page];
    if (cell == null || cell.prot == Prot.NONE) {
      return new CpuLoad(Signal.SIGSEGV, 0);
    } else if (cell.isBeyondEnd()) {
      return new CpuLoad(Signal.SIGBUS, 0);
    }
    int value = cell.own != null ? cell.own : cell.object.getOrDefault(cell.index, 0);
    return new CpuLoad(Signal.NONE, value);
  }
}

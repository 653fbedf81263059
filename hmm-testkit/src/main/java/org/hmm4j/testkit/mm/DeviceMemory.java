// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.hmm4j.kernel.Errno;

/**
 * Memory of a device that a driver maps into processes, such as a PCI BAR. Its frames have no
 * {@code struct page}, but for those that the driver backs with a page of main memory. Each frame
 * keeps its first word. May be used from any task.
 *
 * <p>How it is mapped, {@link Mapping} says: raw by {@code remap_pfn_range}, {@code vmf_insert_pfn}
 * and {@code vmf_insert_mixed}, as a page by {@code vm_insert_page}; mm/memory.c, Linux 6.1.
 */
public final class DeviceMemory implements AutoCloseable {

  private final PhysicalMemory memory;
  private final AtomicIntegerArray words;
  private final AtomicReferenceArray<Page> backing;
  private final int order;
  private final long firstPfn;

  private DeviceMemory(PhysicalMemory memory, int pages, int order) {
    this.memory = memory;
    this.order = order;
    this.words = new AtomicIntegerArray(pages);
    this.backing = new AtomicReferenceArray<>(pages);
    this.firstPfn = memory.devices().add(this);
  }

  /**
   * Plugs a device in.
   *
   * @param memory the machine's memory, beside which it lies
   * @param pages its size
   * @return the memory of the device, all words 0
   */
  public static DeviceMemory create(PhysicalMemory memory, int pages) {
    Objects.requireNonNull(memory, "memory");
    if (pages < 1) {
      throw new IllegalArgumentException("want at least one page of device memory, got " + pages);
    }
    return new DeviceMemory(memory, pages, 0);
  }

  /**
   * Plugs a DAX device in, which is mapped by huge entries only, see {@link Mapping#dax}: {@code
   * struct dev_dax} with an {@code align} of more than a page, drivers/dax/device.c.
   *
   * @param memory the machine's memory, beside which it lies
   * @param pages its size, a multiple of what an entry maps
   * @param order log2 of the pages that an entry maps: {@link
   *     org.hmm4j.mm.PageTableGeometry#pmdOrder} or {@link
   *     org.hmm4j.mm.PageTableGeometry#pudOrder}; with another, accesses are {@link Signal#SIGBUS}
   * @return the memory of the device, aligned as it is mapped, all words 0
   */
  public static DeviceMemory createDax(PhysicalMemory memory, int pages, int order) {
    Objects.requireNonNull(memory, "memory");
    if (order < 1 || order > 30 || pages < 1 || pages % (1 << order) != 0) {
      throw new IllegalArgumentException(
          "want entries of order 1 to 30 and a multiple of what they map, got order %d, %d pages"
              .formatted(order, pages));
    }
    return new DeviceMemory(memory, pages, order);
  }

  /**
   * Lets a page of main memory stand for a raw one, in mappings with {@link Mapping#mixedMap} that
   * are made from now on.
   *
   * @param index the page, 0 up to {@link #pages} exclusive
   * @return {@link Errno#OK}, also if it was backed before; {@link Errno#ENOMEM}, with nothing
   *     changed
   */
  public Errno backWithPage(int index) {
    Page page = memory.allocatePage();
    if (page == null) {
      return Errno.ENOMEM;
    }
    page.write(0, words.get(index));
    if (!backing.compareAndSet(index, null, page)) {
      memory.put(page);
    }
    return Errno.OK;
  }

  /**
   * Returns the size.
   *
   * @return pages
   */
  public int pages() {
    return words.length();
  }

  /**
   * Returns the raw frame of a page.
   *
   * @param index the page, 0 up to {@link #pages} exclusive
   * @return a page frame number that no page of main memory has
   */
  public long pfn(int index) {
    return firstPfn + Objects.checkIndex(index, pages());
  }

  /**
   * Reads the word of a raw frame, as the device does.
   *
   * @param index the page, 0 up to {@link #pages} exclusive
   * @return the word
   */
  public int read(int index) {
    return words.get(index);
  }

  /**
   * Writes the word of a raw frame, as the device does.
   *
   * @param index the page, 0 up to {@link #pages} exclusive
   * @param value the word
   */
  public void write(int index, int value) {
    words.set(index, value);
  }

  /** Gives the pages of main memory back; those that are mapped go with their last mapping. */
  @Override
  public void close() {
    for (int i = 0; i < pages(); i++) {
      Page page = backing.getAndSet(i, null);
      if (page != null) {
        memory.put(page);
      }
    }
  }

  PhysicalMemory memory() {
    return memory;
  }

  /** Returns log2 of the pages that an entry maps; 0 if it is no DAX device. */
  int order() {
    return order;
  }

  long firstPfn() {
    return firstPfn;
  }

  /** Returns the page that backs a raw one, or null. */
  Page backing(int index) {
    return backing.get(index);
  }

  @Override
  public String toString() {
    return "device memory of %d pages at pfn 0x%x".formatted(pages(), firstPfn);
  }
}

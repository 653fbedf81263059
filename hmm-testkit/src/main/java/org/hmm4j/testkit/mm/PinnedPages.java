// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.ArrayList;
import java.util.List;
import org.hmm4j.kernel.ErrPtr;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;

/**
 * Pages of a process that a device may use until they are unpinned, wherever the process puts them:
 * {@code pin_user_pages} with {@code FOLL_PIN}, mm/gup.c, Linux 6.1. A pinned page is neither
 * migrated nor swapped out, and a fork leaves it to the process that it was pinned in.
 */
public final class PinnedPages {

  private final PhysicalMemory memory;
  private final List<Page> pages;
  private boolean ended;

  private PinnedPages(PhysicalMemory memory, List<Page> pages) {
    this.memory = memory;
    this.pages = pages;
  }

  /**
   * Pins pages to read them; one that the process shares after a fork becomes its own first.
   * Context: may sleep; takes the mmap lock for read.
   *
   * @param mm the process, which is alive
   * @param start address of the first page
   * @param count how many pages, 1 or more
   * @return the pages up to the first that could not be pinned; if that was the first of all,
   *     {@link Errno#EFAULT} where nothing is mapped or may be read, {@link Errno#EEXIST} for a raw
   *     frame of a device, {@link Errno#ENOMEM} without memory
   */
  public static ErrPtr<PinnedPages> pin(FakeMm mm, long start, int count) {
    return pin(mm, start, count, new PagePinning(mm.context(), mm, 0));
  }

  /**
   * Pins pages to write to them: as {@link #pin} with {@code FOLL_WRITE}.
   *
   * @param mm as there
   * @param start as there
   * @param count as there
   * @return as there; {@link Errno#EFAULT} also where the process may not write
   */
  public static ErrPtr<PinnedPages> pinForWriting(FakeMm mm, long start, int count) {
    return pin(mm, start, count, new PagePinning(mm.context(), mm, PagePinning.FOLL_WRITE));
  }

  /**
   * Pins pages to write to them for a long time: as {@link #pinForWriting} with {@code
   * FOLL_LONGTERM}. Pages in coherent memory of a device move to main memory first: {@code
   * migrate_device_coherent_page}, mm/migrate_device.c, 6.1; the device could not be taken away
   * otherwise. Context: not with a lock that a callback of a notifier takes.
   *
   * @param mm as there
   * @param start as there
   * @param count as there
   * @return as there; {@link Errno#EBUSY} if a page could not be moved, as somebody else has a
   *     reference to it or there is no memory: then none is pinned, and those before it have moved
   */
  public static ErrPtr<PinnedPages> pinLongterm(FakeMm mm, long start, int count) {
    int flags = PagePinning.FOLL_WRITE | PagePinning.FOLL_LONGTERM;
    return pin(mm, start, count, new PagePinning(mm.context(), mm, flags));
  }

  private static ErrPtr<PinnedPages> pin(FakeMm mm, long start, int count, PagePinning pinning) {
    if (count < 1) {
      throw new IllegalArgumentException("want at least one page to pin, got " + count);
    }
    List<Page> pages = new ArrayList<>();
    Errno error = pinning.pin(start, count, pages);
    return pages.isEmpty()
        ? ErrPtr.err(error)
        : ErrPtr.of(new PinnedPages(mm.memory(), List.copyOf(pages)));
  }

  /**
   * Returns the frames.
   *
   * @return pfns, in the order of the addresses
   */
  public List<Long> pfns() {
    return pages.stream().map(Page::pfn).toList();
  }

  /**
   * Gives the pages back: {@code unpin_user_pages}. Any context.
   *
   * @throws KernelBug {@link Rule#DOUBLE_FREE} if that was done before
   */
  public void unpin() {
    if (ended) {
      throw new KernelBug(Rule.DOUBLE_FREE, "second unpin of " + pages);
    }
    ended = true;
    pages.forEach(memory::unpin);
  }
}

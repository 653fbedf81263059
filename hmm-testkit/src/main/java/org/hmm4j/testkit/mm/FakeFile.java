// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.Kref;
import org.hmm4j.kernel.SpinLock;

/**
 * A file on tmpfs: its page cache, in which a page is present or a hole; mm/shmem.c, Linux 6.1.
 * Also the object behind anonymous shared memory. Its size is fixed. May be used from any task.
 *
 * <p>The cache holds one reference on each of its pages, until the file is closed and no VMA maps
 * it any more.
 */
public final class FakeFile implements AutoCloseable {

  private final PhysicalMemory memory;
  private final long pages;
  private final SpinLock cacheLock;
  private final Kref users;

  /** Who maps it: {@code mapping->i_mmap}. */
  private final RmapTree places = new RmapTree();

  private volatile boolean freed;

  @GuardedBy("cacheLock")
  private final Map<Long, Page> cache = new HashMap<>();

  @GuardedBy("cacheLock")
  private boolean closed;

  private FakeFile(PhysicalMemory memory, long pages) {
    this.memory = memory;
    this.pages = pages;
    this.cacheLock = memory.kernel().spinLock("i_pages->xa_lock");
    this.users = memory.kernel().kref("file", this::evict);
  }

  /**
   * Makes a file that is all holes.
   *
   * @param memory where its pages come from
   * @param pages its size in pages
   * @return the file, open for read and write
   */
  public static FakeFile create(PhysicalMemory memory, long pages) {
    Objects.requireNonNull(memory, "memory");
    if (pages < 0) {
      throw new IllegalArgumentException("a file has no negative size, got " + pages);
    }
    return new FakeFile(memory, pages);
  }

  /**
   * Returns the size.
   *
   * @return pages
   */
  public long pages() {
    return pages;
  }

  /**
   * Returns whether a page is in the cache, that is no hole.
   *
   * @param page the page of the file
   * @return true if it is
   */
  public boolean isPresent(long page) {
    cacheLock.lock();
    try {
      return cache.containsKey(page);
    } finally {
      cacheLock.unlock();
    }
  }

  /**
   * Writes the first word of a page, which fills a hole: {@code write(2)}. Context: may sleep.
   *
   * @param page the page of the file, 0 up to {@link #pages} exclusive
   * @param word the word
   * @return {@link Errno#OK}; {@link Errno#ENOMEM} if a hole could not be filled, with nothing
   *     written
   * @throws KernelBug {@link Rule#USE_AFTER_FREE} if the file is closed and not mapped
   */
  public Errno write(long page, int word) {
    Page cached = findOrCreate(Objects.checkIndex(page, pages));
    if (cached == null) {
      return Errno.ENOMEM;
    }
    cached.write(0, word);
    memory.put(cached);
    return Errno.OK;
  }

  /**
   * Reads the first word of a page: {@code read(2)}. A hole reads as 0 and stays one.
   *
   * @param page the page of the file, 0 up to {@link #pages} exclusive
   * @return the word
   * @throws KernelBug {@link Rule#USE_AFTER_FREE} if the file is closed and not mapped
   */
  public int read(long page) {
    Page cached = find(Objects.checkIndex(page, pages));
    if (cached == null) {
      return 0;
    }
    int word = cached.read(0);
    memory.put(cached);
    return word;
  }

  /**
   * Gives up the file: {@code close(2)} after {@code unlink(2)}. The cache drops its references at
   * once, or when the last VMA that maps the file is gone. A second call does nothing.
   */
  @Override
  public void close() {
    cacheLock.lock();
    boolean first = !closed;
    closed = true;
    cacheLock.unlock();
    if (first) {
      users.put();
    }
  }

  RmapTree places() {
    return places;
  }

  PhysicalMemory memory() {
    return memory;
  }

  /** One more VMA maps it: {@code get_file}. */
  void get() {
    checkLive();
    users.get();
  }

  /** One VMA less maps it: {@code fput}. */
  void put() {
    users.put();
  }

  /**
   * Whether a page is still the one in the cache: the test of {@code page->mapping} once locked.
   */
  boolean isCached(Page page) {
    cacheLock.lock();
    try {
      return cache.get(page.index()) == page;
    } finally {
      cacheLock.unlock();
    }
  }

  /**
   * Lets another page take the place of a cached one, if nobody but the caller and the cache has
   * it: {@code folio_migrate_mapping}, mm/migrate.c. Context: both pages locked.
   */
  boolean replace(Page page, Page by) {
    cacheLock.lock();
    boolean unused = cache.get(page.index()) == page && page.refCount() == 2;
    if (unused) {
      by.takeOver(page);
      by.get();
      cache.put(page.index(), by);
    }
    cacheLock.unlock();
    if (unused) {
      memory.put(page);
    }
    return unused;
  }

  /** Finds a page in the cache and adds a reference: {@code filemap_get_folio}; null for a hole. */
  Page find(long index) {
    checkLive();
    cacheLock.lock();
    try {
      Page page = cache.get(index);
      if (page != null) {
        page.get();
      }
      return page;
    } finally {
      cacheLock.unlock();
    }
  }

  /**
   * Finds a page or fills the hole with a zeroed one, and adds a reference: {@code
   * shmem_get_folio_gfp} with {@code SGP_CACHE}, mm/shmem.c, 6.1. Null if there is no memory.
   * Context: may sleep.
   */
  Page findOrCreate(long index) {
    Page page = find(index);
    if (page != null) {
      return page;
    }
    Page fresh = memory.allocatePage();
    if (fresh == null) {
      return null;
    }
    fresh.belongTo(this, index);
    cacheLock.lock();
    try {
      page = cache.putIfAbsent(index, fresh);
      if (page == null) {
        page = fresh;
      }
      page.get();
    } finally {
      cacheLock.unlock();
    }
    if (page != fresh) {
      memory.put(fresh);
    }
    return page;
  }

  private void checkLive() {
    if (freed) {
      throw new KernelBug(
          Rule.USE_AFTER_FREE, "use of " + this + ", which is closed and not mapped");
    }
  }

  /** Nobody has the file any more: {@code shmem_evict_inode}, mm/shmem.c. */
  private void evict() {
    freed = true;
    cacheLock.lock();
    try {
      cache.values().forEach(memory::put);
      cache.clear();
    } finally {
      cacheLock.unlock();
    }
  }

  @Override
  public String toString() {
    return "file of " + pages + " pages";
  }
}

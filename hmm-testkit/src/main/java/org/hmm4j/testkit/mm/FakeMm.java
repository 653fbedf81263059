// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.List;
import java.util.Objects;
import java.util.function.LongPredicate;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTableGeometry;

/**
 * The address space of a process, faked: VMAs, page tables, page faults and the system calls that
 * change them, as Linux 6.1 on x86-64 behaves.
 *
 * <p>The system calls and CPU accesses take their locks themselves: the caller holds no lock that
 * may not be held while sleeping, not the mmap lock, and none that a callback of a notifier takes.
 * They may be called from any number of tasks, until {@link #exit}. Addresses and lengths are in
 * bytes.
 *
 * <p>A {@link org.hmm4j.kernel.KernelBug} that a callback of a notifier causes comes out of them
 * after all locks were given back; the pages that the failed invalidation was about are still
 * mapped.
 */
public final class FakeMm extends AddressSpacePort {

  private final MmContext context;
  private final SystemCalls systemCalls;
  private final CpuAccess cpu;
  private final PageReclaim reclaim;
  private final NumaBalancing numaBalancing;
  private final MemoryFailure memoryFailure;
  private final OomReaper oomReaper;
  private final EntryCorruption corruption;

  private FakeMm(MmContext context) {
    super(context);
    this.context = context;
    this.cpu = new CpuAccess(context, faults());
    this.corruption = new EntryCorruption(context);
    this.oomReaper = new OomReaper(context, unmapping());
    this.reclaim = new PageReclaim(context, pageUnmapping());
    this.memoryFailure = new MemoryFailure(context, pageUnmapping());
    ProtectionChange protectionChange = new ProtectionChange(context, merging());
    this.systemCalls = new SystemCalls(context, merging(), unmapping(), protectionChange);
    this.numaBalancing = new NumaBalancing(context, protectionChange);
  }

  /**
   * Makes an empty address space with the page tables of x86-64.
   *
   * @param kernel the kernel that runs the process
   * @param memory its memory
   * @return an address space with one user, the process; null if there was no memory for its {@link
   *     MmStruct}
   */
  public static FakeMm create(Kernel kernel, PhysicalMemory memory) {
    return create(kernel, memory, PageTableGeometry.X86_64);
  }

  /**
   * Makes an empty address space.
   *
   * @param kernel the kernel that runs the process
   * @param memory its memory
   * @param geometry how addresses are cut
   * @return as {@link #create(Kernel, PhysicalMemory)}
   */
  public static FakeMm create(Kernel kernel, PhysicalMemory memory, PageTableGeometry geometry) {
    Objects.requireNonNull(kernel, "kernel");
    Objects.requireNonNull(geometry, "geometry");
    if (memory.kernel() != kernel) {
      throw new IllegalArgumentException("the memory belongs to another kernel");
    }
    MmContext context = new MmContext(kernel, memory, geometry);
    FakeMm fake = new FakeMm(context);
    MmStruct mm = MmStruct.alloc(kernel, fake);
    context.mm(mm);
    return mm == null ? null : fake;
  }

  MmContext context() {
    return context;
  }

  /**
   * Returns what the engine keeps for this address space.
   *
   * @return the mm
   */
  public MmStruct mm() {
    return context.mm();
  }

  /**
   * Returns the memory that its pages come from.
   *
   * @return the memory
   */
  public PhysicalMemory memory() {
    return context.memory();
  }

  /**
   * Maps memory at an address in place of what is there: {@code mmap(2)} with {@code MAP_FIXED};
   * {@code do_mmap}, {@code mmap_region}, mm/mmap.c. Context: may sleep; takes the mmap lock for
   * write.
   *
   * @param start first address
   * @param length bytes, rounded up to whole pages
   * @param prot what the CPU may do
   * @param mapping what is mapped
   * @return {@link Errno#OK}; {@link Errno#EINVAL} if the length is 0 or the address not
   *     page-aligned, {@link Errno#ENOMEM} if it reaches beyond the end of the address space: then
   *     nothing changes; {@link Errno#EINVAL} also from {@link Mapping#io}: then what was there is
   *     unmapped
   */
  public Errno mmap(long start, long length, Prot prot, Mapping mapping) {
    return systemCalls.mmap(start, length, prot, mapping);
  }

  /**
   * Unmaps a range, mapped or not: {@code munmap(2)}; {@code do_mas_munmap}, mm/mmap.c. Context:
   * may sleep; takes the mmap lock for write and unmaps the entries with it held for read.
   *
   * @param start first address
   * @param length bytes, rounded up to whole pages
   * @return {@link Errno#OK}; {@link Errno#EINVAL} if the length is 0, the address not page-aligned
   *     or the range beyond the end of the address space: then nothing changes
   */
  public Errno munmap(long start, long length) {
    return systemCalls.munmap(start, length);
  }

  /**
   * Changes what the CPU may do: {@code mprotect(2)}; {@code do_mprotect_pkey}, mm/mprotect.c.
   * Context: may sleep; takes the mmap lock for write.
   *
   * @param start first address
   * @param length bytes, rounded up to whole pages; 0 does nothing
   * @param prot what the CPU may do
   * @return {@link Errno#OK}; {@link Errno#EINVAL} if the address is not page-aligned, {@link
   *     Errno#ENOMEM} at the first page that is not mapped, {@link Errno#EACCES} at the first VMA
   *     that can't have the right: what lies before is changed
   */
  public Errno mprotect(long start, long length, Prot prot) {
    return systemCalls.mprotect(start, length, prot);
  }

  /**
   * Moves pages to another place, in place of what is there: {@code mremap(2)} with {@code
   * MREMAP_MAYMOVE | MREMAP_FIXED} and no change of size; {@code mremap_to}, {@code move_vma},
   * mm/mremap.c. Context: may sleep; takes the mmap lock for write.
   *
   * @param oldStart first address of the pages
   * @param length bytes, rounded up to whole pages
   * @param newStart where the first page goes
   * @return {@link Errno#OK}; {@link Errno#EINVAL} if the length is 0, an address is not
   *     page-aligned, the target reaches beyond the end of the address space or overlaps the
   *     source, {@link Errno#EFAULT} if the old address is not mapped: then nothing changes. {@link
   *     Errno#EFAULT} also if the source is not within one VMA, {@link Errno#ENOMEM} if there is no
   *     memory: then the target is unmapped already, and the source as it was
   */
  public Errno mremap(long oldStart, long length, long newStart) {
    return systemCalls.mremap(oldStart, length, newStart);
  }

  /**
   * Throws pages away; private anonymous ones read as 0 afterwards: {@code madvise(2)} with {@code
   * MADV_DONTNEED}; {@code do_madvise}, mm/madvise.c. Context: may sleep; takes the mmap lock for
   * read.
   *
   * @param start first address
   * @param length bytes, rounded up to whole pages; 0 does nothing
   * @return {@link Errno#OK}; {@link Errno#EINVAL} if the address is not page-aligned or the range
   *     wraps around, and at the first VMA of raw device memory; {@link Errno#ENOMEM} if a part is
   *     not mapped: the mapped parts are thrown away
   */
  public Errno madviseDontneed(long start, long length) {
    return systemCalls.madviseDontneed(start, length);
  }

  /**
   * Asks for huge pages: {@code MADV_HUGEPAGE}; {@code hugepage_madvise}, mm/khugepaged.c. They
   * come with the next faults on private anonymous memory where a whole one lies within one VMA and
   * nothing is mapped yet, if {@link HugeFrames#transparent(TransparentHugePages)} lets them.
   * Context: may sleep; takes the mmap lock for write.
   *
   * @param start first address
   * @param length bytes, rounded up to whole pages; 0 does nothing
   * @return as {@link #madviseDontneed}
   */
  public Errno madviseHugepage(long start, long length) {
    return systemCalls.madviseHugepage(start, length);
  }

  /**
   * Refuses huge pages: {@code MADV_NOHUGEPAGE}. Those that are there stay.
   *
   * @param start first address
   * @param length bytes, rounded up to whole pages; 0 does nothing
   * @return as {@link #madviseHugepage}
   */
  public Errno madviseNohugepage(long start, long length) {
    return systemCalls.madviseNohugepage(start, length);
  }

  /** Refuses huge pages for good: {@code prctl(2)} with {@code PR_SET_THP_DISABLE}. */
  public void disableHugePages() {
    context.disableHugePage();
  }

  /**
   * Stores a word as the CPU does, with the page faults that it takes: {@code exc_page_fault},
   * arch/x86/mm/fault.c. Context: may sleep; takes the mmap lock for read on a fault.
   *
   * @param address a multiple of 4; with a memory that keeps one word per page, of the page size
   * @param value the word
   * @return {@link Signal#NONE} if it was stored
   */
  public Signal store(long address, int value) {
    return cpu.store(address, value);
  }

  /**
   * Loads a word as the CPU does: as {@link #store}.
   *
   * @param address as for {@link #store}
   * @return the word, or the signal
   */
  public CpuLoad load(long address) {
    return cpu.load(address);
  }

  /**
   * Takes one page out of the page tables to get its frame free: {@code shrink_page_list},
   * mm/vmscan.c. An anonymous page is swapped out; one that somebody else has a reference to stays
   * in memory, as swap cache. The page of a file is only unmapped. Takes the page lock if it is
   * free and, instead of the mmap lock, that of the reverse map; each VMA that may map the page
   * gets an invalidation of its own, under that lock. Context: may sleep; the mmap lock may be held
   * but is not needed. May be called at any time, also beside and after the exit.
   *
   * @param address any address within the page
   * @return true if no entry maps the page any more; false if there is no page of memory at the
   *     address (also the zero page and what a driver mapped), it is locked, or no slot is free
   */
  public boolean reclaim(long address) {
    return reclaim.reclaim(address);
  }

  /**
   * Begins to move one page to another frame: {@code try_to_migrate}, mm/rmap.c. Migration entries
   * come in the place of those that map the page; CPU and device wait at them until the migration
   * is ended. They can be unmapped and moved meanwhile. Locks and invalidations as {@link
   * #reclaim}, but the page lock is waited for and kept. Context: may sleep; the mmap lock may be
   * held but is not needed.
   *
   * @param address any address within the page
   * @return what has to be ended; null if there is no page of memory at the address, no memory to
   *     move it to, or somebody has pinned it: then it is mapped as before
   */
  public PageMigration beginMigration(long address) {
    return migrationStart().begin(context.isolate(address), true);
  }

  /**
   * Moves one page to another frame: {@code migrate_pages}, mm/migrate.c. As {@link
   * #beginMigration} with {@link PageMigration#finish}.
   *
   * @param address any address within the page
   * @return false if it could not be moved: then it is where it was
   */
  public boolean migrate(long address) {
    return migrationStart().migrate(context.isolate(address), true);
  }

  /**
   * Makes pages inaccessible, so that the next access tells who uses them: {@code task_numa_work},
   * kernel/sched/fair.c, {@code change_prot_numa}, mm/mempolicy.c. Skips the zero page, pages of
   * private memory that somebody else has a reference to, and VMAs without rights, of devices, or
   * of files that can only be read. Announces {@link
   * org.hmm4j.notifier.MmuNotifierEvent#PROTECTION_VMA}. Context: may sleep.
   *
   * @param start first address
   * @param end first address beyond, within the address space
   * @return false if the mmap lock was not free for read: then nothing was done
   */
  public boolean numaHint(long start, long end) {
    return numaBalancing.hint(start, end);
  }

  /**
   * Sets which pages lie in the wrong place: {@code mpol_misplaced}. A fault on a page that {@link
   * #numaHint} made inaccessible moves it to another frame then; without a place, memory or the
   * page lock it is only made accessible. Replaces what was set before; by default none does.
   *
   * @param misplaced asked with the first address of the page; may be asked by several tasks at
   *     once
   */
  public void misplaced(LongPredicate misplaced) {
    faults().misplaced(misplaced);
  }

  /**
   * A frame turns out to be bad: {@code memory_failure}, mm/memory-failure.c. Whoever accesses the
   * page, by an entry that mapped it or in the cache of its file, gets {@link Signal#SIGBUS}. The
   * frame is never used again. Locks and invalidations as {@link #beginMigration}.
   *
   * @param address any address within the page
   * @return true if no entry maps the page any more; false also if there is no page of memory at
   *     the address, or it was bad before
   */
  public boolean memoryFailure(long address) {
    return memoryFailure.fail(address);
  }

  /**
   * Takes the private memory of a process that is to die, waiting for nobody: {@code
   * __oom_reap_task_mm}, mm/oom_kill.c. Each VMA that is neither shared nor raw device memory gets
   * a non-blocking invalidation; a VMA whose invalidation is refused keeps its pages. From then on
   * faults on missing private pages are {@link Signal#SIGBUS}, but for reads of what the page cache
   * has. Context: any that may try the mmap lock for read.
   *
   * @return true if all was taken; false if the mmap lock was not free or an invalidation was
   *     refused: to be tried again
   */
  public boolean oomReap() {
    return oomReaper.reap();
  }

  /**
   * Makes a child process with a copy of the address space: {@code dup_mm}, kernel/fork.c. Private
   * pages are shared until one of both writes; then the writer gets a copy. Announces {@link
   * org.hmm4j.notifier.MmuNotifierEvent#PROTECTION_PAGE} for each private VMA that has pages of the
   * process' own. The child has no notifiers and none of the hooks set here. Context: may sleep;
   * takes the mmap locks of both for write.
   *
   * @return the child, with one user; null if there was no memory: then nothing is left of it, and
   *     the parent has what it had, perhaps read-only until the next write
   */
  public FakeMm fork() {
    return Forking.fork(context);
  }

  /**
   * Ends the process: {@code exit_mm}, that is {@link MmStruct#mmput} for the user that {@link
   * #create} made. Context: as there.
   */
  public void exit() {
    context.mm().mmput();
  }

  /**
   * Sets who is asked before each fault. Replaces who was asked before.
   *
   * @param interceptor the hook, {@link FaultInterceptor#NONE} for none
   */
  public void intercept(FaultInterceptor interceptor) {
    faults().intercept(interceptor);
  }

  /**
   * Returns what corrupts the page tables.
   *
   * @return the same object at each call
   */
  public EntryCorruption corruption() {
    return corruption;
  }

  /**
   * Returns the VMAs. Context: any; in order and whole even while another task changes them.
   *
   * @return a copy, lowest address first
   */
  public List<FakeVma> vmas() {
    return context.vmas().list();
  }

  /**
   * Returns how many pages it has: {@code get_mm_counter}. Context: any.
   *
   * @return the counters, each of which may be old when it is looked at
   */
  public Rss rss() {
    return context.rss().read();
  }

  /**
   * Returns the page-table entry of an address. Context: any.
   *
   * @param address any address within a page
   * @return the entry; {@link org.hmm4j.mm.Pte#NONE} if it is empty or there is no table for it
   */
  public long pte(long address) {
    return context.tables().pte(address);
  }
}

// SPDX-License-Identifier: Apache-2.0

/**
 * The fake address space: what of Linux 6.1 mm a process, a device driver and {@code
 * hmm_range_fault} can see, with the kernel's locks and invalidations, on x86-64 with huge pages of
 * one pmd.
 *
 * <p>For users: {@link org.hmm4j.testkit.mm.PhysicalMemory} has the page frames, {@link
 * org.hmm4j.testkit.mm.SwapArea} the swap slots, {@link org.hmm4j.testkit.mm.FakeFile} is a tmpfs
 * file, {@link org.hmm4j.testkit.mm.DeviceMemory} what a driver can map. {@link
 * org.hmm4j.testkit.mm.FakeMm} is the process with its system calls and CPU accesses, and with what
 * the kernel does to it: reclaim, migration, NUMA balancing, memory errors, the OOM reaper. {@link
 * org.hmm4j.testkit.mm.FakeVma} shows its layout, {@link org.hmm4j.testkit.mm.FaultInterceptor}
 * disturbs its faults.
 *
 * <p>Inside, from the ground up:
 *
 * <ul>
 *   <li>{@code Page}: one life of a frame, with {@code RefCount}, {@code MapCount}, {@code
 *       PageLock}, {@code PageWords}; {@code CompoundPage}: many that are one; {@code FrameTable},
 *       {@code DeviceFrames}.
 *   <li>{@code VmaArray}, {@code VmaMerging}, {@code AnonVma}, {@code AnonVmaChain}: the layout and
 *       its rules.
 *   <li>{@code PageTableTree}, {@code UpperTables}, {@code PmdTable}, {@code LeafTable}, {@code
 *       PageTableRelease}: the page tables.
 *   <li>{@code MmContext}: what the parts share; {@code PageProtection}: rights of an entry.
 *   <li>{@code PageFaults} with {@code AnonymousFaults}, {@code FileFaults}, {@code DeviceFaults},
 *       {@code SwapFaults}, {@code NumaFaults}, {@code CopyOnWrite}, {@code AnonVmaPreparation}:
 *       the fault handler; {@code CpuAccess} calls it.
 *   <li>{@code Forking} with {@code AnonVmaFork}, {@code PageTableCopy}, {@code LeafCopy}: what a
 *       child process gets; {@code PagePinning} for {@link org.hmm4j.testkit.mm.PinnedPages}.
 *   <li>{@code HugeFaults}, {@code HugeCopyOnWrite}, {@code HugeCopy}, {@code PmdSplitting}, {@code
 *       PmdMoving}: huge entries; {@code DaxFaults}, {@code PudSplitting}: those of devices; {@code
 *       HugePageSplit}: makes many pages of a huge one; {@code HugetlbFaults}, {@code
 *       HugetlbEntries}, {@code HugetlbReserve}, {@code HugetlbRobbery}: hugetlb.
 *   <li>{@code SystemCalls} with {@code Unmapping}, {@code ProtectionChange}, {@code Moving},
 *       {@code Advice}.
 *   <li>{@code ReverseMap}, over the {@code RmapTree} of each object, finds who maps a page; {@code
 *       PageUnmapping} takes it from them, for {@code PageReclaim}, {@code MigrationStart}, {@code
 *       MemoryFailure}.
 *   <li>{@code NumaBalancing}, {@code OomReaper}: over the page tables, as the system calls.
 * </ul>
 *
 * <p>Locks, outermost first: mmap_lock; the page lock; {@code anon_vma->rwsem}, which stands for
 * all locks of the reverse map; page_table_lock over the upper tables; the lock of a table of the
 * second level; the lock of a leaf table; {@code swap_info->lock}, {@code xa_lock} of a page cache;
 * the lock of the free frames. Notifiers are called with the first three at most; what follows are
 * spin locks.
 */
package org.hmm4j.testkit.mm;

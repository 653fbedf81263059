// SPDX-License-Identifier: Apache-2.0

/**
 * The fake address space: what of Linux 6.1 mm a process, a device driver and {@code
 * hmm_range_fault} can see, with the kernel's locks and invalidations, on x86-64 without swap.
 *
 * <p>For users: {@link org.hmm4j.testkit.mm.PhysicalMemory} has the page frames, {@link
 * org.hmm4j.testkit.mm.FakeFile} a tmpfs file, {@link org.hmm4j.testkit.mm.FakeMm} is the process
 * with its system calls and CPU accesses, {@link org.hmm4j.testkit.mm.FakeVma} shows its layout.
 *
 * <p>Inside, from the ground up:
 *
 * <ul>
 *   <li>{@code Page}: one life of a frame, its counts and contents.
 *   <li>{@code VmaArray}, {@code VmaMerging}, {@code AnonVma}: the layout and its rules.
 *   <li>{@code PageTableTree}, {@code LeafTable}, {@code PageTableRelease}: the page tables.
 *   <li>{@code MmContext}: what the parts share; {@code PageProtection}: rights of an entry.
 *   <li>{@code PageFaults} with {@code AnonymousFaults}, {@code FileFaults}, {@code CopyOnWrite},
 *       {@code AnonVmaPreparation}: the fault handler; {@code CpuAccess} calls it.
 *   <li>{@code SystemCalls} with {@code Unmapping}, {@code ProtectionChange}, {@code Moving}.
 * </ul>
 *
 * <p>Locks, outermost first: mmap_lock; page_table_lock over the upper tables; the lock of a leaf
 * table; {@code xa_lock} of a page cache; the lock of the free frames. Everything below mmap_lock
 * is a spin lock and held across no call of a notifier.
 */
package org.hmm4j.testkit.mm;

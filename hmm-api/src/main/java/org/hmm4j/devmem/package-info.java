// SPDX-License-Identifier: Apache-2.0

/**
 * Memory that lives on a device but belongs to a process: {@code ZONE_DEVICE} pages, migration to
 * them and back, and exclusive access of a device. mm/memremap.c, mm/migrate_device.c and {@code
 * make_device_exclusive_range} of mm/rmap.c, Linux 6.1.
 *
 * <p>{@link org.hmm4j.devmem.Devmem} is the door. A driver gives its memory page structures with
 * {@link org.hmm4j.devmem.Devmem#memremapPages}, and moves pages in three calls on one {@link
 * org.hmm4j.devmem.MigrateVma}: setup, pages, finalize; between the first two it copies. {@link
 * org.hmm4j.devmem.MigratePfn} is the format of the entries.
 *
 * <p>Two ports have to be implemented below it: {@link org.hmm4j.devmem.PageFrames} by a physical
 * memory, {@link org.hmm4j.devmem.DevmemAddressSpace} by an address space.
 */
package org.hmm4j.devmem;

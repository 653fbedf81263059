// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.devmem;

import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.Vma;

/**
 * A CPU access to a page in a device's private memory: what {@code migrate_to_ram} reads of {@code
 * struct vm_fault}, include/linux/mm.h, Linux 6.1.
 *
 * @param mm the address space
 * @param vma the VMA that holds the address
 * @param address the first address of the page, in bytes
 * @param page the page frame of the device, to which the fault has a reference
 */
public record DeviceFault(MmStruct mm, Vma vma, long address, long page) {}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.devmem;

/** What kind of memory a device has: {@code enum memory_type}, include/linux/memremap.h, 6.1. */
public enum MemoryType {
  /** The CPU can't access it; its touch moves the page: {@code MEMORY_DEVICE_PRIVATE}. */
  DEVICE_PRIVATE,
  /** The CPU accesses it as any other memory: {@code MEMORY_DEVICE_COHERENT}. */
  DEVICE_COHERENT
}

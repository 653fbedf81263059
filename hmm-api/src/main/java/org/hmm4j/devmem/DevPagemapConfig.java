// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.devmem;

/**
 * What a driver fills in of {@code struct dev_pagemap}, include/linux/memremap.h, Linux 6.1. What
 * is missing, {@link Devmem#memremapPages} finds out.
 *
 * @param type the kind of memory
 * @param owner who it belongs to, compared by identity
 * @param ops the callbacks
 * @param pages how many pages the memory has
 */
public record DevPagemapConfig(MemoryType type, Object owner, DevPagemapOps ops, int pages) {}

// SPDX-License-Identifier: Apache-2.0

/**
 * What of device memory does not depend on a concrete address space: the life of a {@link
 * org.hmm4j.impl.devmem.Pagemap}, and the order of the steps of a migration ({@link
 * org.hmm4j.impl.devmem.PageMigrations}, {@link org.hmm4j.impl.devmem.VmaMigrations}) and of
 * exclusive access. Page tables and page structures are behind the ports of {@code
 * org.hmm4j.devmem}.
 */
package org.hmm4j.impl.devmem;

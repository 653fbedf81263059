// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

/**
 * What the anonymous pages of one or more VMAs have in common: {@code struct anon_vma},
 * include/linux/rmap.h, 6.1. VMAs merge only if they agree in it; it is compared by identity.
 */
final class AnonVma {}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.ArrayList;
import java.util.List;

/**
 * The anon_vmas whose pages a VMA may map: {@code vma->anon_vma} and {@code vma->anon_vma_chain},
 * include/linux/mm_types.h, 6.1. More than one after a fork: the pages that it had in common with
 * the parent process keep theirs.
 *
 * @param own where new pages of the VMA belong
 * @param all all of them, its own among them, oldest first
 */
record AnonVmaChain(AnonVma own, List<AnonVma> all) {

  AnonVmaChain {
    all = List.copyOf(all);
  }

  static AnonVmaChain of(AnonVma only) {
    return new AnonVmaChain(only, List.of(only));
  }

  /** Whether no fork came before: {@code list_is_singular(&vma->anon_vma_chain)}. */
  boolean isSingular() {
    return all.size() == 1;
  }

  /** Makes the chain of a child process that gets an anon_vma of its own. */
  AnonVmaChain with(AnonVma own) {
    List<AnonVma> longer = new ArrayList<>(all);
    longer.add(own);
    return new AnonVmaChain(own, longer);
  }
}

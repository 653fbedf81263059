// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.Devmem;
import org.hmm4j.devmem.MigratePfn;
import org.hmm4j.testkit.device.CopyEngine;
import org.hmm4j.testkit.mm.PhysicalMemory;

/** Moves the pages of a device back: {@code dmirror_device_evict_chunk}, lib/test_hmm.c, 6.1. */
final class DmirrorEviction {

  private final PhysicalMemory memory;
  private final Devmem devmem;

  DmirrorEviction(PhysicalMemory memory, Devmem devmem) {
    this.memory = memory;
    this.devmem = devmem;
  }

  void evict(DevPagemap chunk) {
    long[] src = new long[chunk.pages()];
    long[] dst = new long[chunk.pages()];
    devmem.migrateDeviceRange(memory.frames(), src, chunk.firstPfn());
    try {
      for (int i = 0; i < src.length; i++) {
        if (MigratePfn.isMigrating(src[i])) {
          dst[i] = MigratePfn.of(copy(MigratePfn.pfn(src[i])));
        }
      }
      devmem.migrateDevicePages(memory.frames(), src, dst);
    } finally {
      devmem.migrateDeviceFinalize(memory.frames(), src, dst);
    }
  }

  private long copy(long source) {
    long target = memory.allocate();
    while (target == PhysicalMemory.NO_PAGE) {
      // __GFP_NOFAIL: a device that goes away has no other place for its pages.
      target = memory.allocate();
    }
    memory.frames().lockPage(target);
    CopyEngine.copyPage(memory, source, target);
    return target;
  }
}

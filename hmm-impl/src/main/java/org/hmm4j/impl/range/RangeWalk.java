// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.function.BooleanSupplier;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.range.HmmRange;

/** The outer loop of {@code hmm_range_fault}, mm/hmm.c, Linux 6.1. */
final class RangeWalk {

  private final CountedMm mm;
  private final HmmRange range;

  /** Whether an invalidation of the range is known: tested before each pass, and only there. */
  private final BooleanSupplier collided;

  RangeWalk(CountedMm mm, HmmRange range, BooleanSupplier collided) {
    this.mm = mm;
    this.range = range;
    this.collided = collided;
  }

  Errno snapshot() {
    return run(Requests.none(range), BlockFault.keepingLock(mm.addressSpace()));
  }

  Errno fault() {
    return run(Requests.of(range), BlockFault.keepingLock(mm.addressSpace()));
  }

  Errno faultAllowRetry() {
    return run(Requests.of(range), BlockFault.allowingRetry(mm.addressSpace()));
  }

  private Errno run(Requests requests, BlockFault fault) {
    AddressSpace addressSpace = mm.addressSpace();
    HmmVmaWalk walk = new HmmVmaWalk(addressSpace, range, requests, fault, mm.kernel().machine());
    Errno errno;
    do {
      if (collided.getAsBoolean()) {
        return Errno.EBUSY;
      }
      errno = walk.walk();
    } while (errno == Errno.EBUSY);
    return errno;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.hmm4j.impl.kernel.Failures;
import org.hmm4j.kernel.Errno;
import org.hmm4j.range.DmaDevice;
import org.hmm4j.range.DmaDirection;
import org.hmm4j.range.DmaResult;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;

/**
 * The pages of a range on the bus of a device: {@code hmm_range_dma_map} behind its fault, and
 * {@code hmm_range_dma_unmap}, mm/hmm.c, v5.3.
 *
 * <p>The entry alone says whether a page is mapped, because 0 may be a bus address. The kernel
 * leaves the entries as they are when it takes back half a mapping; here they become 0, so that no
 * later unmap finds a page that is not mapped.
 */
final class DmaMapping {

  private final long[] pfns;
  private final DmaDevice device;
  private final long[] daddrs;
  private final Failures failures = new Failures();

  private DmaMapping(long[] pfns, DmaDevice device, long[] daddrs) {
    this.pfns = pfns;
    this.device = device;
    this.daddrs = daddrs;
  }

  static DmaMapping of(HmmRange range, DmaDevice device, long[] daddrs) {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(daddrs, "daddrs");
    if (daddrs.length < range.pfns().length) {
      throw new IllegalArgumentException(
          "%s has %d pages, but there is room for %d bus addresses"
              .formatted(range, range.pfns().length, daddrs.length));
    }
    return new DmaMapping(range.pfns(), device, daddrs);
  }

  /** Maps every page that the fault has answered, or none. */
  DmaResult map(BooleanSupplier valid) {
    Arrays.fill(daddrs, 0, pfns.length, 0);
    Errno errno = Errno.OK;
    int mapped = 0;
    int page = 0;
    while (page < pfns.length) {
      if (HmmPfn.isValid(pfns[page])) {
        errno = valid.getAsBoolean() ? mapPage(page) : Errno.EBUSY;
        if (errno != Errno.OK) {
          break;
        }
        mapped++;
      }
      page++;
    }
    if (errno == Errno.OK) {
      return DmaResult.of(mapped);
    }
    unmapBefore(page, pfn -> {});
    Arrays.fill(pfns, 0);
    failures.throwIfAny();
    return DmaResult.failed(errno);
  }

  private Errno mapPage(int page) {
    long address = DmaDevice.MAPPING_ERROR;
    try {
      address = device.mapPage(HmmPfn.pfn(pfns[page]), direction(pfns[page]));
    } catch (RuntimeException | Error thrown) {
      failures.add(device, thrown);
    }
    if (address == DmaDevice.MAPPING_ERROR) {
      return Errno.EFAULT;
    }
    daddrs[page] = address;
    return Errno.OK;
  }

  /** Unmaps every page that is mapped, after telling which of them the device could write. */
  DmaResult unmap(LongConsumer writable) {
    int unmapped = unmapBefore(pfns.length, writable);
    failures.throwIfAny();
    return DmaResult.of(unmapped);
  }

  private int unmapBefore(int end, LongConsumer writable) {
    int unmapped = 0;
    for (int page = 0; page < end; page++) {
      long entry = pfns[page];
      long address = daddrs[page];
      if (HmmPfn.isValid(entry)) {
        if (HmmPfn.isWritable(entry)) {
          attempt(() -> writable.accept(HmmPfn.pfn(entry)));
        }
        attempt(() -> device.unmapPage(address, direction(entry)));
        pfns[page] = 0;
        daddrs[page] = 0;
        unmapped++;
      }
    }
    return unmapped;
  }

  private void attempt(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error thrown) {
      failures.add(device, thrown);
    }
  }

  private static DmaDirection direction(long entry) {
    return HmmPfn.isWritable(entry) ? DmaDirection.BIDIRECTIONAL : DmaDirection.TO_DEVICE;
  }
}

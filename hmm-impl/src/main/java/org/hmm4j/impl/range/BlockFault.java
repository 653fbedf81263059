// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.mm.VmFault;
import org.hmm4j.mm.VmFlags;
import org.hmm4j.mm.Vma;

/** Faults in a block of pages: {@code hmm_vma_fault}, mm/hmm.c, Linux 6.1. */
final class BlockFault {

  private final AddressSpace addressSpace;
  private final long pageSize;
  private final int flags;

  private BlockFault(AddressSpace addressSpace, int flags) {
    this.addressSpace = addressSpace;
    this.pageSize = addressSpace.pageTables().geometry().pageSize();
    this.flags = flags;
  }

  /** Faults that keep the mmap lock. */
  static BlockFault keepingLock(AddressSpace addressSpace) {
    return new BlockFault(addressSpace, FaultFlags.REMOTE);
  }

  /** Faults that may drop the mmap lock: {@code HMM_FAULT_ALLOW_RETRY}, v5.4. */
  static BlockFault allowingRetry(AddressSpace addressSpace) {
    return new BlockFault(addressSpace, FaultFlags.REMOTE | FaultFlags.ALLOW_RETRY);
  }

  /**
   * Makes every page of a block accessible, also those that nobody asked for: the decision was made
   * for the block as a whole.
   *
   * @return EBUSY when it is done: walk again; EPERM, before any fault, if the VMA is not writable
   *     but has to be; EFAULT if a fault failed; EAGAIN if the mmap lock was dropped
   */
  Errno fault(Vma vma, long address, long end, int need) {
    int faultFlags = flags;
    if ((need & NeedFault.WRITE_FAULT) != 0) {
      if ((vma.flags() & VmFlags.WRITE) == 0) {
        return Errno.EPERM;
      }
      faultFlags |= FaultFlags.WRITE;
    }
    for (long page = address; page < end; page += pageSize) {
      int result = addressSpace.handleMmFault(vma, page, faultFlags);
      if ((result & (VmFault.RETRY | VmFault.COMPLETED)) != 0) {
        return lockDropped(page, result);
      }
      if ((result & VmFault.ERROR) != 0) {
        return Errno.EFAULT;
      }
    }
    return Errno.EBUSY;
  }

  private Errno lockDropped(long page, int result) {
    if ((flags & FaultFlags.ALLOW_RETRY) == 0) {
      throw new KernelBug(
          KernelBug.Rule.BAD_CONTEXT,
          "the fault at 0x%x answered 0x%x, dropped the mmap lock, without ALLOW_RETRY"
              .formatted(page, result));
    }
    return Errno.EAGAIN;
  }
}

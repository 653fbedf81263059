// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.testkit.mm.PhysicalMemory;

/** What a snapshot says of a page: {@code HMM_DMIRROR_PROT_*}, lib/test_hmm_uapi.h, Linux 6.1. */
public final class DmirrorProt {

  /** No access is possible. */
  public static final byte ERROR = (byte) 0xff;

  /** Nothing is there now. */
  public static final byte NONE = 0x00;

  /** May be read. */
  public static final byte READ = 0x01;

  /** May be read and written. */
  public static final byte WRITE = 0x02;

  /** Mapped by a pmd entry. */
  public static final byte PMD = 0x04;

  /** Mapped by a pud entry. */
  public static final byte PUD = 0x08;

  /** The zero page. */
  public static final byte ZERO = 0x10;

  /** In the private memory of the device that asks. */
  public static final byte DEV_PRIVATE_LOCAL = 0x20;

  /** In the private memory of another device. */
  public static final byte DEV_PRIVATE_REMOTE = 0x30;

  /** In the coherent memory of the device that asks. */
  public static final byte DEV_COHERENT_LOCAL = 0x40;

  /** In the coherent memory of another device. */
  public static final byte DEV_COHERENT_REMOTE = 0x50;

  private DmirrorProt() {}

  /** Puts an answer into bits: {@code dmirror_mkentry}. */
  static byte of(
      long answer, DmirrorDevice device, PhysicalMemory memory, PageTableGeometry geometry) {
    if (HmmPfn.isError(answer)) {
      return ERROR;
    }
    if (!HmmPfn.isValid(answer)) {
      return NONE;
    }
    byte prot = HmmPfn.isWritable(answer) ? WRITE : READ;
    prot |= place(HmmPfn.pfn(answer), device, memory);
    if (HmmPfn.mapOrder(answer) == geometry.pmdOrder()) {
      prot |= PMD;
    } else if (HmmPfn.mapOrder(answer) == geometry.pudOrder()) {
      prot |= PUD;
    }
    return prot;
  }

  private static byte place(long pfn, DmirrorDevice device, PhysicalMemory memory) {
    DevPagemap pagemap = memory.frames().pagemap(pfn);
    if (pagemap == null) {
      return pfn == memory.zeroPfn() ? ZERO : NONE;
    }
    boolean local = pagemap.owner() == device;
    if (pagemap.type() == MemoryType.DEVICE_PRIVATE) {
      return local ? DEV_PRIVATE_LOCAL : DEV_PRIVATE_REMOTE;
    }
    return local ? DEV_COHERENT_LOCAL : DEV_COHERENT_REMOTE;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.range;

/**
 * The format of an entry of {@link HmmRange#pfns()}: {@code HMM_PFN_*} of include/linux/hmm.h,
 * Linux 6.1. Requests go in, answers come out, in the same bits.
 *
 * <p>In: 0 reports only; {@link #REQ_FAULT} wants the page readable; {@code REQ_FAULT | REQ_WRITE}
 * wants it writable. {@link #REQ_WRITE} alone has no effect. Out: 0 is "not there now"; {@link
 * #VALID}, perhaps with {@link #WRITE} and a map order, carries a page frame; {@link #ERROR} can
 * never be accessed. Test {@link #VALID} and nothing else before using a page frame: an
 * inaccessible page of a NUMA hint may carry one without it.
 */
public final class HmmPfn {

  /** Out: the entry carries a page that may be read. */
  public static final long VALID = 1L << 63;

  /** Out: the page may be written, whether that was asked for or not. */
  public static final long WRITE = 1L << 62;

  /** Out: no access is possible. */
  public static final long ERROR = 1L << 61;

  /** In: the page has to be {@link #VALID}. */
  public static final long REQ_FAULT = VALID;

  /** In, with {@link #REQ_FAULT}: the page has to be {@link #WRITE} too. */
  public static final long REQ_WRITE = WRITE;

  /** Where the map order begins; it has five bits. */
  public static final int ORDER_SHIFT = 56;

  /** The bits of the page frame number. */
  public static final long PFN_MASK = (1L << ORDER_SHIFT) - 1;

  private static final long ORDER_MASK = 0x1f;

  private HmmPfn() {}

  /**
   * Returns whether the entry carries a page that may be read.
   *
   * @param entry an answer
   * @return true if it does
   */
  public static boolean isValid(long entry) {
    return (entry & VALID) != 0;
  }

  /**
   * Returns whether the entry carries a page that may be written.
   *
   * @param entry an answer
   * @return true if it does
   */
  public static boolean isWritable(long entry) {
    return (entry & (VALID | WRITE)) == (VALID | WRITE);
  }

  /**
   * Returns whether no access is possible at all.
   *
   * @param entry an answer
   * @return true if so
   */
  public static boolean isError(long entry) {
    return (entry & ERROR) != 0;
  }

  /**
   * Returns the page frame number: {@code hmm_pfn_to_page}. Meaningful only if the entry
   * {@linkplain #isValid is valid}.
   *
   * @param entry an answer
   * @return the page frame number
   */
  public static long pfn(long entry) {
    return entry & PFN_MASK;
  }

  /**
   * Returns log2 of the number of pages that the CPU maps with the one entry that maps this page:
   * {@code hmm_pfn_to_map_order}. That mapping may go beyond the range on both sides.
   *
   * @param entry an answer
   * @return 0 for a page of normal size, 9 for one in a 2 MiB mapping
   */
  public static int mapOrder(long entry) {
    return (int) ((entry >>> ORDER_SHIFT) & ORDER_MASK);
  }
}

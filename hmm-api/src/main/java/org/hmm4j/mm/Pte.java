// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.mm;

/**
 * The format of a page-table entry, of any level, in a {@code long}.
 *
 * <p>Zero is the empty entry. An entry with {@link #PRESENT} maps the page frame in its low bits.
 * Any other value has a kind that tells which: a pointer to a lower table, or one of the kernel's
 * non-present entries (include/linux/swapops.h, Linux 6.1). {@link #PRESENT} and {@link #WRITE} are
 * at the places of {@code HMM_PFN_VALID} and {@code HMM_PFN_WRITE}, so that a plain present entry
 * becomes a pfn with one mask.
 *
 * <pre>
 * bit 63     PRESENT    the entry maps a page frame
 * bit 62     WRITE      the CPU may write; also on non-present entries that remember it
 * bit 61     PROTNONE   present, but made inaccessible (NUMA hinting): pte_protnone
 * bit 60     SPECIAL    no struct page behind it: pte_special
 * bit 59     ZERO       the frame is the zero page: is_zero_pfn
 * bit 58     DEVMAP     pte_devmap, pmd_devmap, pud_devmap
 * bit 57     HUGE       a leaf at pmd or pud level, or in a hugetlb mapping
 * bit 56     DIRTY      pte_dirty; the walk does not look at it
 * bit 55     EXCLUSIVE  on swap and migration entries: pte_swp_exclusive; the walk does not look
 * bits 48-51 kind       of an entry that is not present
 * bits 0-47  pfn        or the payload of an entry that is not present
 * </pre>
 */
public final class Pte {

  /** The empty entry: {@code pte_none}. */
  public static final long NONE = 0;

  /** Maps the frame in the pfn bits: {@code pte_present}. */
  public static final long PRESENT = 1L << 63;

  /** The CPU may write: {@code pte_write}, {@code is_writable_device_private_entry} and so on. */
  public static final long WRITE = 1L << 62;

  /** Present but inaccessible: {@code pte_protnone}. */
  public static final long PROTNONE = 1L << 61;

  /** Has no struct page: {@code pte_special}. */
  public static final long SPECIAL = 1L << 60;

  /** Maps the zero page: {@code is_zero_pfn}. */
  public static final long ZERO = 1L << 59;

  /** Maps device memory that has a struct page: {@code pte_devmap}. */
  public static final long DEVMAP = 1L << 58;

  /** A leaf above the lowest level: {@code pmd_trans_huge}, {@code pud_trans_huge}. */
  public static final long HUGE = 1L << 57;

  /** Was written since it was made: {@code pte_dirty}. */
  public static final long DIRTY = 1L << 56;

  /**
   * Of an entry that is not present: its anonymous page belongs to this process alone: {@code
   * pte_swp_exclusive}, {@code is_readable_exclusive_migration_entry}.
   */
  public static final long EXCLUSIVE = 1L << 55;

  /** The bits of the page frame number. */
  public static final long PFN_MASK = (1L << 48) - 1;

  private static final int KIND_SHIFT = 48;
  private static final long KIND_MASK = 0xfL << KIND_SHIFT;

  /** Points to a lower table. */
  public static final long TABLE = 1L << KIND_SHIFT;

  /** An ordinary swap entry. */
  public static final long SWAP = 2L << KIND_SHIFT;

  /** A page under migration: {@code is_migration_entry}. */
  public static final long MIGRATION = 3L << KIND_SHIFT;

  /** A page in a device's private memory: {@code is_device_private_entry}. */
  public static final long DEVICE_PRIVATE = 4L << KIND_SHIFT;

  /** A page that a device has to itself: {@code is_device_exclusive_entry}. */
  public static final long DEVICE_EXCLUSIVE = 5L << KIND_SHIFT;

  /** A page with a memory error: {@code is_hwpoison_entry}. */
  public static final long HWPOISON = 6L << KIND_SHIFT;

  /** A marker without a page, such as that of userfaultfd: {@code is_pte_marker_entry}. */
  public static final long MARKER = 7L << KIND_SHIFT;

  /** A corrupt entry: {@code pmd_bad}. */
  public static final long BAD = 8L << KIND_SHIFT;

  /** No table holds the entry: an answer of {@link PageTables#hugetlb}, never stored. */
  public static final long NO_TABLE = 9L << KIND_SHIFT;

  private Pte() {}

  /**
   * Makes a present entry.
   *
   * @param pfn the page frame number
   * @param flags any of the flag bits of this class
   * @return the entry
   */
  public static long present(long pfn, long flags) {
    return PRESENT | flags | checkPfn(pfn);
  }

  /**
   * Makes an entry that is not present.
   *
   * @param kind one of the kinds of this class, optionally with {@link #WRITE}, {@link #DIRTY} and
   *     {@link #EXCLUSIVE}
   * @param payload a page frame number or a swap offset
   * @return the entry
   */
  public static long nonPresent(long kind, long payload) {
    return kind | checkPfn(payload);
  }

  private static long checkPfn(long pfn) {
    if ((pfn & ~PFN_MASK) != 0) {
      throw new IllegalArgumentException("a pfn has 48 bits, got " + Long.toHexString(pfn));
    }
    return pfn;
  }

  /**
   * Returns whether the entry maps a page frame: {@code pte_present}; true also for PROTNONE.
   *
   * @param entry an entry
   * @return true if it does
   */
  public static boolean isPresent(long entry) {
    return entry < 0;
  }

  /**
   * Returns whether the entry lets the CPU write: {@code pte_write}.
   *
   * @param entry an entry
   * @return true if it does
   */
  public static boolean isWritable(long entry) {
    return (entry & WRITE) != 0;
  }

  /**
   * Returns the page frame number, or the payload of an entry that is not present.
   *
   * @param entry an entry
   * @return the low 48 bits
   */
  public static long pfn(long entry) {
    return entry & PFN_MASK;
  }

  /**
   * Returns what kind of entry this is.
   *
   * @param entry an entry that is not present
   * @return one of the kinds of this class, or {@link #NONE}
   */
  public static long kind(long entry) {
    return entry & KIND_MASK;
  }

  /**
   * Puts an entry into words, for reports.
   *
   * @param entry an entry
   * @return for example {@code "pfn 0x1f rw dirty"}, {@code "none"}, {@code "swap 0x3"}
   */
  public static String toString(long entry) {
    if (entry == NONE) {
      return "none";
    }
    StringBuilder text = new StringBuilder();
    if (isPresent(entry)) {
      text.append("pfn 0x").append(Long.toHexString(pfn(entry)));
      text.append(isWritable(entry) ? " rw" : " r");
      appendFlag(text, entry, PROTNONE, " protnone");
      appendFlag(text, entry, SPECIAL, " special");
      appendFlag(text, entry, ZERO, " zero");
      appendFlag(text, entry, DEVMAP, " devmap");
      appendFlag(text, entry, HUGE, " huge");
      appendFlag(text, entry, DIRTY, " dirty");
    } else {
      text.append(kindName(kind(entry))).append(" 0x").append(Long.toHexString(pfn(entry)));
      appendFlag(text, entry, WRITE, " w");
      appendFlag(text, entry, EXCLUSIVE, " exclusive");
    }
    return text.toString();
  }

  private static void appendFlag(StringBuilder text, long entry, long flag, String name) {
    if ((entry & flag) != 0) {
      text.append(name);
    }
  }

  private static String kindName(long kind) {
    if (kind == TABLE) {
      return "table";
    } else if (kind == SWAP) {
      return "swap";
    } else if (kind == MIGRATION) {
      return "migration";
    } else if (kind == DEVICE_PRIVATE) {
      return "device-private";
    } else if (kind == DEVICE_EXCLUSIVE) {
      return "device-exclusive";
    } else if (kind == HWPOISON) {
      return "hwpoison";
    } else if (kind == MARKER) {
      return "marker";
    }
    return "bad";
  }
}

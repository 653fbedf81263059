// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.Objects;
import org.hmm4j.mm.VmFlags;

/** What is mapped, and whether stores are seen by others: flags, file and offset of mmap. */
public final class Mapping {

  private static final Mapping ANON_PRIVATE = new Mapping(null, 0, false, 0);
  private static final Mapping HUGETLB_PRIVATE = new Mapping(null, 0, false, VmFlags.HUGETLB);
  private static final Mapping ANON_SHARED = new Mapping(null, 0, true, 0);

  /** A {@link FakeFile}, a {@link DeviceMemory}, or null. */
  private final Object object;

  private final long firstPage;
  private final boolean shared;
  private final long vmFlags;

  private Mapping(Object object, long firstPage, boolean shared, long vmFlags) {
    if (firstPage < 0) {
      throw new IllegalArgumentException(
          "a page of a file or device is not negative, got " + firstPage);
    }
    this.object = object;
    this.firstPage = firstPage;
    this.shared = shared;
    this.vmFlags = vmFlags;
  }

  /**
   * Zeroed memory of the process' own: {@code MAP_PRIVATE | MAP_ANONYMOUS}.
   *
   * @return the mapping
   */
  public static Mapping anonPrivate() {
    return ANON_PRIVATE;
  }

  /**
   * Zeroed huge pages of the process' own, reserved at once in {@link HugeFrames#hugetlb}, but for
   * {@link #noReserve}: {@code MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB}. Addresses and lengths of
   * system calls are those of whole huge pages then, or it is {@link
   * org.hmm4j.kernel.Errno#EINVAL}; only the length of mmap is rounded up.
   *
   * @return the mapping
   */
  public static Mapping hugetlbPrivate() {
    return HUGETLB_PRIVATE;
  }

  /** Returns whether it is one of hugetlb. */
  boolean isHugetlb() {
    return (vmFlags & VmFlags.HUGETLB) != 0;
  }

  /**
   * Zeroed memory, to be shared with children: {@code MAP_SHARED | MAP_ANONYMOUS}. Each mmap makes
   * an object of its own.
   *
   * @return the mapping
   */
  public static Mapping anonShared() {
    return ANON_SHARED;
  }

  /**
   * The pages of a file, copied when they are first written: {@code MAP_PRIVATE}.
   *
   * @param file the file
   * @param firstPage the page of the file that the mapping begins with
   * @return the mapping
   */
  public static Mapping filePrivate(FakeFile file, long firstPage) {
    return new Mapping(Objects.requireNonNull(file, "file"), firstPage, false, 0);
  }

  /**
   * The pages of a file itself: {@code MAP_SHARED}. The file counts as opened for read and write.
   *
   * @param file the file
   * @param firstPage the page of the file that the mapping begins with
   * @return the mapping
   */
  public static Mapping fileShared(FakeFile file, long firstPage) {
    return new Mapping(Objects.requireNonNull(file, "file"), firstPage, true, 0);
  }

  /**
   * Registers of a device, mapped raw and at once: a driver that calls {@code remap_pfn_range},
   * which makes the VMA {@code VM_IO | VM_PFNMAP}. Mapping beyond the end of the device is {@link
   * org.hmm4j.kernel.Errno#EINVAL}. Shared, as all mappings of devices.
   *
   * @param device the device
   * @param firstPage the page of the device that the mapping begins with
   * @return the mapping
   */
  public static Mapping io(DeviceMemory device, long firstPage) {
    return ofDevice(device, firstPage, VmFlags.IO | VmFlags.PFNMAP);
  }

  /**
   * Memory of a device, mapped raw page by page as it is accessed: a driver with {@code VM_PFNMAP}
   * whose fault handler calls {@code vmf_insert_pfn}.
   *
   * @param device the device
   * @param firstPage the page of the device that the mapping begins with
   * @return the mapping
   */
  public static Mapping pfnMap(DeviceMemory device, long firstPage) {
    return ofDevice(device, firstPage, VmFlags.PFNMAP);
  }

  /**
   * Memory of a device, mapped as it is accessed: pages of main memory that {@link
   * DeviceMemory#backWithPage back} it as such ({@code vm_insert_page}), the others raw ({@code
   * vmf_insert_mixed}). A driver with {@code VM_MIXEDMAP}.
   *
   * @param device the device
   * @param firstPage the page of the device that the mapping begins with
   * @return the mapping
   */
  public static Mapping mixedMap(DeviceMemory device, long firstPage) {
    return ofDevice(device, firstPage, VmFlags.MIXEDMAP);
  }

  /**
   * Memory of a DAX device, mapped by huge entries as it is accessed. Its frames count as pages of
   * the device, which are not modelled but for that the entries are {@link
   * org.hmm4j.mm.Pte#DEVMAP}: {@code vmf_insert_pfn_pmd}, {@code vmf_insert_pfn_pud} with {@code
   * PFN_MAP}. Borders of the mapping that are not aligned as the entries are {@link
   * org.hmm4j.kernel.Errno#EINVAL}, and what was there is unmapped.
   *
   * @param device the device, made by {@link DeviceMemory#createDax}
   * @param firstPage the page of the device that the mapping begins with, the first of an entry
   * @return the mapping
   */
  public static Mapping dax(DeviceMemory device, long firstPage) {
    return ofDax(device, firstPage, VmFlags.HUGEPAGE);
  }

  /**
   * As {@link #dax} for frames without a {@code struct page}: a DAX mapping with {@code
   * VM_MIXEDMAP}. A child process gets none of the entries of order 18; faults bring them.
   *
   * @param device the device, made by {@link DeviceMemory#createDax}
   * @param firstPage the page of the device that the mapping begins with, the first of an entry
   * @return the mapping
   */
  public static Mapping daxRaw(DeviceMemory device, long firstPage) {
    return ofDax(device, firstPage, VmFlags.HUGEPAGE | VmFlags.MIXEDMAP);
  }

  private static Mapping ofDax(DeviceMemory device, long firstPage, long vmFlags) {
    if (device.order() == 0 || firstPage % (1L << device.order()) != 0) {
      throw new IllegalArgumentException(
          "want a DAX device and the first page of an entry, got page %d of %s"
              .formatted(firstPage, device));
    }
    return new Mapping(device, firstPage, true, vmFlags);
  }

  private static Mapping ofDevice(DeviceMemory device, long firstPage, long vmFlags) {
    if (device != null && device.order() > 0) {
      throw new IllegalArgumentException("a DAX device is mapped as such only: " + device);
    }
    return new Mapping(Objects.requireNonNull(device, "device"), firstPage, true, vmFlags);
  }

  /**
   * The same, not to be counted against the commit limit: {@code MAP_NORESERVE}. It shows in which
   * VMAs merge after mprotect.
   *
   * @return the mapping
   */
  public Mapping noReserve() {
    return new Mapping(object, firstPage, shared, vmFlags | VmFlags.NORESERVE);
  }

  /** Returns the device, or null. */
  DeviceMemory device() {
    return object instanceof DeviceMemory device ? device : null;
  }

  /** Returns the flags that the driver sets, or the caller asks for. */
  long vmFlags() {
    return vmFlags;
  }

  /** Returns whether the driver maps everything when it is asked to map. */
  boolean isMappedAtOnce() {
    return (vmFlags & VmFlags.IO) != 0;
  }

  /** Returns the file, or null if the mapping has none. */
  FakeFile file() {
    return object instanceof FakeFile file ? file : null;
  }

  /** Returns the page of the file that the mapping begins with. */
  long firstPage() {
    return firstPage;
  }

  /** Returns whether stores go to the object itself. */
  boolean shared() {
    return shared;
  }

  @Override
  public String toString() {
    if (object instanceof DeviceMemory) {
      String how = "pfn";
      if ((vmFlags & VmFlags.HUGEPAGE) != 0) {
        how = (vmFlags & VmFlags.MIXEDMAP) == 0 ? "dax" : "dax-raw";
      } else if ((vmFlags & VmFlags.PFNMAP) == 0) {
        how = "mixed";
      } else if (isMappedAtOnce()) {
        how = "io";
      }
      return how + "@" + firstPage;
    }
    if (isHugetlb()) {
      return "hugetlb-private";
    }
    String kind = (object == null ? "anon" : "file") + (shared ? "-shared" : "-private");
    return object == null ? kind : kind + "@" + firstPage;
  }
}

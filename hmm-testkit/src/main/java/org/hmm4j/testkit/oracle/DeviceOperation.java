// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.List;
import java.util.stream.Collectors;

/** What a device is told to do, through its open file. */
public sealed interface DeviceOperation extends Operation {

  /** How many devices a process has open: {@code 0} and {@code 1}. */
  int DEVICES = 2;

  /** The most pages of one {@link RangeFault}: the window of the kernel's test driver. */
  int MAX_RANGE_FAULT_PAGES = 64;

  /**
   * Returns which device.
   *
   * @return its number
   */
  int device();

  /**
   * A device reads pages through its page table, faulting as needed.
   *
   * @param device the number of the device
   * @param span the pages
   */
  record Read(int device, PageSpan span) implements DeviceOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "dev_read " + device + " " + span;
    }
  }

  /**
   * A device writes pages through its page table, faulting as needed.
   *
   * @param device the number of the device
   * @param span the pages
   * @param value what the first page gets, 0 to 2^32 - 1; page i gets {@code value + i}
   */
  record Write(int device, PageSpan span, long value) implements DeviceOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "dev_write " + device + " " + span + " " + value;
    }
  }

  /**
   * A device asks what the CPU page tables say, without faulting.
   *
   * @param device the number of the device
   * @param span the pages
   */
  record Snapshot(int device, PageSpan span) implements DeviceOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "snapshot " + device + " " + span;
    }
  }

  /**
   * One call of {@code hmm_range_fault}, repeated while it answers EBUSY.
   *
   * @param device the number of the device
   * @param span the pages
   * @param defaultFlags {@code default_flags}
   * @param pfnFlagsMask {@code pfn_flags_mask}
   * @param requests one request a page
   */
  record RangeFault(
      int device, PageSpan span, Request defaultFlags, Request pfnFlagsMask, List<Request> requests)
      implements DeviceOperation {
    /**
     * Checks that there is one request a page.
     *
     * @param device the number of the device
     * @param span the pages
     * @param defaultFlags {@code default_flags}
     * @param pfnFlagsMask {@code pfn_flags_mask}
     * @param requests one request a page
     */
    public RangeFault {
      requests = List.copyOf(requests);
      if (requests.size() != span.count()) {
        throw new IllegalArgumentException(
            "one request a page, got %d for %d pages".formatted(requests.size(), span.count()));
      }
    }

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "range_fault "
          + device
          + " "
          + span
          + " "
          + defaultFlags
          + " "
          + pfnFlagsMask
          + requests.stream().map(r -> " " + r).collect(Collectors.joining());
    }
  }

  /**
   * Migrates pages to a device's memory and reads them back through its page table.
   *
   * @param device the number of the device
   * @param span the pages
   */
  record ToDev(int device, PageSpan span) implements DeviceOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "to_dev " + device + " " + span;
    }
  }

  /**
   * Migrates pages of a device's memory back to system memory.
   *
   * @param device the number of the device
   * @param span the pages
   */
  record ToSys(int device, PageSpan span) implements DeviceOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "to_sys " + device + " " + span;
    }
  }

  /**
   * Makes pages exclusive to a device and reads them back.
   *
   * @param device the number of the device
   * @param span the pages
   */
  record Exclusive(int device, PageSpan span) implements DeviceOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "exclusive " + device + " " + span;
    }
  }

  /**
   * Asks whether a page is still exclusive to a device.
   *
   * @param device the number of the device
   * @param span the pages
   */
  record CheckExclusive(int device, PageSpan span) implements DeviceOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "check_exclusive " + device + " " + span;
    }
  }
}

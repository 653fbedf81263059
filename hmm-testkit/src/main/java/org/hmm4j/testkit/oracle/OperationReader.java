// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Reads the part of a line before the arrow. */
final class OperationReader {

  static final long MAX_VALUE = (1L << 32) - 1;

  private static final Map<String, Function<LineScanner, Operation>> BY_WORD =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  "mmap", in -> new ProcessOperation.Mmap(span(in), protection(in), kind(in))),
              Map.entry("munmap", in -> new ProcessOperation.Munmap(span(in))),
              Map.entry("mprotect", in -> new ProcessOperation.Mprotect(span(in), protection(in))),
              Map.entry("dontneed", in -> new ProcessOperation.Dontneed(span(in))),
              Map.entry("mremap", OperationReader::mremap),
              Map.entry("cpu_write", in -> new ProcessOperation.CpuWrite(span(in), value(in))),
              Map.entry("cpu_read", in -> new ProcessOperation.CpuRead(span(in))),
              Map.entry("fork", in -> new ProcessOperation.Fork(child(in))),
              Map.entry(
                  "child_write",
                  in -> new ProcessOperation.ChildWrite(child(in), span(in), value(in))),
              Map.entry("child_read", in -> new ProcessOperation.ChildRead(child(in), span(in))),
              Map.entry("reap", in -> new ProcessOperation.Reap(child(in))),
              Map.entry("dev_read", in -> new DeviceOperation.Read(device(in), span(in))),
              Map.entry(
                  "dev_write", in -> new DeviceOperation.Write(device(in), span(in), value(in))),
              Map.entry("snapshot", in -> new DeviceOperation.Snapshot(device(in), span(in))),
              Map.entry("range_fault", OperationReader::rangeFault),
              Map.entry("to_dev", in -> new DeviceOperation.ToDev(device(in), span(in))),
              Map.entry("to_sys", in -> new DeviceOperation.ToSys(device(in), span(in))),
              Map.entry("exclusive", in -> new DeviceOperation.Exclusive(device(in), span(in))),
              Map.entry(
                  "check_exclusive",
                  in -> new DeviceOperation.CheckExclusive(device(in), span(in)))));

  private OperationReader() {}

  /** Takes an operation, up to and without the arrow. */
  static Operation read(LineScanner in) {
    Function<LineScanner, Operation> reader = BY_WORD.get(in.peek());
    if (reader == null) {
      throw in.error("an operation (" + String.join(", ", BY_WORD.keySet()) + ") or \"end\"");
    }
    in.word("an operation");
    return reader.apply(in);
  }

  private static Operation mremap(LineScanner in) {
    PageSpan span = span(in);
    int target = (int) in.number("the target page", 0, PageSpan.MAX_PAGES - span.count());
    return new ProcessOperation.Mremap(span, target);
  }

  private static Operation rangeFault(LineScanner in) {
    int device = device(in);
    PageSpan span = span(in, DeviceOperation.MAX_RANGE_FAULT_PAGES);
    Request defaultFlags = in.oneOf("default_flags", Request.values());
    Request pfnFlagsMask = in.oneOf("pfn_flags_mask", Request.values());
    List<Request> requests = new ArrayList<>();
    while (requests.size() < span.count()) {
      String what = "request %d of %d".formatted(requests.size() + 1, span.count());
      requests.add(in.oneOf(what, Request.values()));
    }
    return new DeviceOperation.RangeFault(device, span, defaultFlags, pfnFlagsMask, requests);
  }

  private static PageSpan span(LineScanner in) {
    return span(in, PageSpan.MAX_PAGES);
  }

  private static PageSpan span(LineScanner in, int maxCount) {
    int first = (int) in.number("a page", 0, PageSpan.MAX_PAGES - 1L);
    int most = Math.min(maxCount, PageSpan.MAX_PAGES - first);
    return new PageSpan(first, (int) in.number("a count of pages", 1, most));
  }

  private static Protection protection(LineScanner in) {
    return in.oneOf("a protection", Protection.values());
  }

  private static MapKind kind(LineScanner in) {
    return in.oneOf("a kind of mapping", MapKind.values());
  }

  private static long value(LineScanner in) {
    return in.number("a value", 0, MAX_VALUE);
  }

  private static int device(LineScanner in) {
    return (int) in.number("a device", 0, DeviceOperation.DEVICES - 1L);
  }

  private static int child(LineScanner in) {
    return (int) in.number("a child", 0, ProcessOperation.CHILDREN - 1L);
  }
}

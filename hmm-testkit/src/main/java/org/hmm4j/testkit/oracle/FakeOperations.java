// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.hmm4j.devmem.DevPagemap;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.mm.CpuLoad;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.Prot;

/** Does each operation in a {@link FakeProcess}; empty for what this testkit can't do yet. */
final class FakeOperations implements OperationVisitor<Optional<Answer>> {

  private final FakeProcess process;
  private final FakeMm mm;

  FakeOperations(FakeProcess process) {
    this.process = process;
    this.mm = process.mm();
  }

  /**
   * The program that was recorded printed the result of {@code mmap}. Its advice about huge pages
   * came after, and nobody looked at its errno: EINVAL if it ends within a page of hugetlb.
   */
  @Override
  public Optional<Answer> visit(ProcessOperation.Mmap operation) {
    long start = start(operation);
    long length = length(operation);
    Mapping mapping = mapping(operation).noReserve();
    Errno errno = mm.mmap(start, length, prot(operation.prot()), mapping);
    if (!errno.isError() && process.mode() == Scenario.Mode.THP) {
      mm.madviseHugepage(start, length);
    }
    return status(errno);
  }

  /**
   * Page i of the region maps page i of the file. The program that was recorded maps with {@code
   * MAP_NORESERVE}.
   */
  private Mapping mapping(ProcessOperation.Mmap operation) {
    return switch (operation.kind()) {
      case ANON_PRIVATE -> Mapping.anonPrivate();
      case ANON_SHARED -> Mapping.anonShared();
      case FILE_PRIVATE -> Mapping.filePrivate(process.file(), operation.span().first());
      case FILE_SHARED -> Mapping.fileShared(process.file(), operation.span().first());
      case HUGETLB_PRIVATE -> Mapping.hugetlbPrivate();
    };
  }

  private static Prot prot(Protection protection) {
    return switch (protection) {
      case NONE -> Prot.NONE;
      case READ -> Prot.READ;
      case READ_WRITE -> Prot.READ_WRITE;
    };
  }

  @Override
  public Optional<Answer> visit(ProcessOperation.Munmap operation) {
    return status(mm.munmap(start(operation), length(operation)));
  }

  @Override
  public Optional<Answer> visit(ProcessOperation.Mprotect operation) {
    return status(mm.mprotect(start(operation), length(operation), prot(operation.prot())));
  }

  @Override
  public Optional<Answer> visit(ProcessOperation.Dontneed operation) {
    return status(mm.madviseDontneed(start(operation), length(operation)));
  }

  @Override
  public Optional<Answer> visit(ProcessOperation.Mremap operation) {
    long target = FakeProcess.address(operation.target());
    return status(mm.mremap(start(operation), length(operation), target));
  }

  @Override
  public Optional<Answer> visit(ProcessOperation.CpuWrite operation) {
    return Optional.of(store(mm, operation.span(), operation.value()));
  }

  private static Answer store(FakeMm mm, PageSpan span, long value) {
    for (int i = 0; i < span.count(); i++) {
      long address = FakeProcess.address(span.first() + i);
      Optional<Signal> signal = signal(mm.store(address, (int) value + i));
      if (signal.isPresent()) {
        return new Answer.Stored(new CpuOutcome(i, signal));
      }
    }
    return new Answer.Stored(CpuOutcome.ok(span.count()));
  }

  @Override
  public Optional<Answer> visit(ProcessOperation.CpuRead operation) {
    return Optional.of(load(mm, operation.span()));
  }

  private static Answer load(FakeMm mm, PageSpan span) {
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < span.count(); i++) {
      CpuLoad load = mm.load(FakeProcess.address(span.first() + i));
      Optional<Signal> signal = signal(load.signal());
      if (signal.isPresent()) {
        return new Answer.Loaded(new CpuOutcome(i, signal), Runs.of(values));
      }
      values.add(Integer.toUnsignedLong(load.value()));
    }
    return new Answer.Loaded(CpuOutcome.ok(values.size()), Runs.of(values));
  }

  private static Optional<Signal> signal(org.hmm4j.testkit.mm.Signal signal) {
    return switch (signal) {
      case NONE -> Optional.empty();
      case SIGSEGV -> Optional.of(Signal.SIGSEGV);
      case SIGBUS -> Optional.of(Signal.SIGBUS);
      case SIGKILL -> throw new IllegalStateException("out of memory, which no plan asked for");
    };
  }

  @Override
  public Optional<Answer> visit(ProcessOperation.Fork operation) {
    return status(process.children().fork(operation.child(), mm));
  }

  @Override
  public Optional<Answer> visit(ProcessOperation.ChildWrite operation) {
    FakeMm child = process.children().mm(operation.child());
    return Optional.of(
        process
            .children()
            .run(operation.child(), () -> store(child, operation.span(), operation.value())));
  }

  @Override
  public Optional<Answer> visit(ProcessOperation.ChildRead operation) {
    FakeMm child = process.children().mm(operation.child());
    return Optional.of(
        process.children().run(operation.child(), () -> load(child, operation.span())));
  }

  @Override
  public Optional<Answer> visit(ProcessOperation.Reap operation) {
    return status(process.children().reap(operation.child()));
  }

  @Override
  public Optional<Answer> visit(DeviceOperation.Read operation) {
    int[] words = new int[operation.span().count()];
    Dmirror.Result result = device(operation).read(start(operation), words);
    if (result.errno().isError()) {
      return status(result.errno());
    }
    return Optional.of(new Answer.DeviceRead(result.cpages(), result.faults(), values(words)));
  }

  @Override
  public Optional<Answer> visit(DeviceOperation.Write operation) {
    int[] words = new int[operation.span().count()];
    for (int i = 0; i < words.length; i++) {
      words[i] = (int) operation.value() + i;
    }
    Dmirror.Result result = device(operation).write(start(operation), words);
    return result.errno().isError()
        ? status(result.errno())
        : Optional.of(new Answer.DeviceWritten(result.cpages(), result.faults()));
  }

  @Override
  public Optional<Answer> visit(DeviceOperation.Snapshot operation) {
    byte[] bytes = new byte[operation.span().count()];
    Dmirror.Result result = device(operation).snapshot(start(operation), bytes);
    if (result.errno().isError()) {
      return status(result.errno());
    }
    List<Perms> perms = new ArrayList<>();
    for (byte bits : bytes) {
      perms.add(new Perms(Byte.toUnsignedInt(bits)));
    }
    return Optional.of(new Answer.Snapped(result.cpages(), Runs.of(perms)));
  }

  @Override
  public Optional<Answer> visit(DeviceOperation.RangeFault operation) {
    HmmRange range =
        HmmRange.of(start(operation), start(operation) + length(operation))
            .defaultFlags(operation.defaultFlags().flags())
            .pfnFlagsMask(operation.pfnFlagsMask().flags());
    for (int i = 0; i < range.pfns().length; i++) {
      range.pfns()[i] = operation.requests().get(i).flags();
    }
    Errno errno = device(operation).rangeFault(range);
    if (errno.isError()) {
      return status(errno);
    }
    List<PfnWord> pfns = new ArrayList<>();
    for (long pfn : range.pfns()) {
      pfns.add(PfnWord.of(pfn, isDevicePrivate(pfn)));
    }
    return Optional.of(new Answer.Faulted(Runs.of(pfns)));
  }

  @Override
  public Optional<Answer> visit(DeviceOperation.ToDev operation) {
    int[] words = new int[operation.span().count()];
    return taken(device(operation).migrateToDevice(start(operation), words), words);
  }

  @Override
  public Optional<Answer> visit(DeviceOperation.ToSys operation) {
    Dmirror.Result result =
        device(operation).migrateToSystem(start(operation), operation.span().count());
    return result.errno().isError()
        ? status(result.errno())
        : Optional.of(new Answer.MovedBack(result.cpages()));
  }

  @Override
  public Optional<Answer> visit(DeviceOperation.Exclusive operation) {
    int[] words = new int[operation.span().count()];
    return taken(device(operation).exclusive(start(operation), words), words);
  }

  @Override
  public Optional<Answer> visit(DeviceOperation.CheckExclusive operation) {
    return status(device(operation).checkExclusive(start(operation), operation.span().count()));
  }

  private static Optional<Answer> taken(Dmirror.Result result, int[] words) {
    return result.errno().isError()
        ? status(result.errno())
        : Optional.of(new Answer.Taken(result.cpages(), values(words)));
  }

  private static Runs<Long> values(int[] words) {
    return Runs.of(IntStream.of(words).mapToObj(Integer::toUnsignedLong).toList());
  }

  /** Only those of the device that asks are ever answered. */
  private boolean isDevicePrivate(long pfn) {
    if (!HmmPfn.isValid(pfn)) {
      return false;
    }
    DevPagemap pagemap = process.memory().frames().pagemap(HmmPfn.pfn(pfn));
    return pagemap != null && pagemap.type() == MemoryType.DEVICE_PRIVATE;
  }

  private Dmirror device(DeviceOperation operation) {
    return process.devices().get(operation.device());
  }

  private static long start(Operation operation) {
    return FakeProcess.address(operation.span().first());
  }

  private static long length(Operation operation) {
    return FakeProcess.bytes(operation.span().count());
  }

  private static Optional<Answer> status(Errno errno) {
    return Optional.of(new Answer.Status(errno));
  }
}

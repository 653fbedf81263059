// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hmm4j.kernel.Errno;

/** Reads the part of a line behind the arrow; the operation says what may stand there. */
final class AnswerReader implements OperationVisitor<Answer> {

  private static final long MAX_FAULTS = Integer.MAX_VALUE;

  private final LineScanner in;

  private AnswerReader(LineScanner in) {
    this.in = in;
  }

  /** Takes the answer to an operation. */
  static Answer read(LineScanner in, Operation operation) {
    return operation.accept(new AnswerReader(in));
  }

  private Answer status() {
    return new Answer.Status(errno());
  }

  private Errno errno() {
    Optional<Errno> errno =
        Arrays.stream(Errno.values()).filter(e -> text(e).equals(in.peek())).findFirst();
    if (errno.isEmpty()) {
      String names =
          Arrays.stream(Errno.values()).map(AnswerReader::text).collect(Collectors.joining(", "));
      throw in.error("an errno (" + names + ")");
    }
    in.word("an errno");
    return errno.get();
  }

  private static String text(Errno errno) {
    return new Answer.Status(errno).toString();
  }

  private CpuOutcome outcome(int pages) {
    String word = in.peek();
    if (word.equals("ok")) {
      in.literal("ok");
      return CpuOutcome.ok(pages);
    }
    for (Signal signal : Signal.values()) {
      String prefix = signal + "@";
      if (word.startsWith(prefix)) {
        long at = LineScanner.decimal(word.substring(prefix.length()));
        if (at >= 0 && at < pages) {
          in.word(prefix);
          return CpuOutcome.stopped(signal, (int) at);
        }
      }
    }
    throw in.error("\"ok\", SIGSEGV@i or SIGBUS@i with i from 0 to " + (pages - 1));
  }

  private long cpages(Operation operation) {
    in.literal("cpages");
    return in.number("a count of pages", 0, operation.span().count());
  }

  private long faults() {
    in.literal("faults");
    return in.number("a count of faults", 0, MAX_FAULTS);
  }

  private Runs<Long> values(int count) {
    in.literal("values");
    return list("value", count, AnswerReader::value);
  }

  private <T> Runs<T> list(String what, int count, Function<String, Optional<T>> reader) {
    Runs.Builder<T> builder = new Runs.Builder<>();
    while (builder.size() < count) {
      int left = count - builder.size();
      String expected = "%s %d of %d".formatted(what, builder.size() + 1, count);
      String word = in.peek();
      int star = word.indexOf('*');
      Optional<T> item = in.atEnd() ? Optional.empty() : reader.apply(head(word, star));
      if (item.isEmpty()) {
        throw in.error(expected);
      }
      long run = star < 0 ? 1 : LineScanner.decimal(word.substring(star + 1));
      if (run < 1 || run > left) {
        throw in.error("%s, at most %d times".formatted(expected, left));
      }
      builder.add(item.get(), (int) run);
      in.word(expected);
    }
    return builder.build();
  }

  private static String head(String word, int star) {
    return star < 0 ? word : word.substring(0, star);
  }

  private static Optional<Long> value(String word) {
    long value = LineScanner.decimal(word);
    return value >= 0 && value <= OperationReader.MAX_VALUE ? Optional.of(value) : Optional.empty();
  }

  private static Optional<Perms> perms(String word) {
    return word.matches("[0-9a-f]{2}")
        ? Optional.of(new Perms(Integer.parseInt(word, 16)))
        : Optional.empty();
  }

  private static Optional<PfnWord> pfn(String word) {
    if (!word.matches("(-|V?W?E?D?)([1-9][0-9]?)?") || word.matches("[0-9]*")) {
      return Optional.empty();
    }
    String letters = word.replaceAll("[0-9]", "");
    String digits = word.substring(letters.length());
    int order = digits.isEmpty() ? 0 : Integer.parseInt(digits);
    if (order > PfnWord.MAX_ORDER) {
      return Optional.empty();
    }
    return Optional.of(
        new PfnWord(
            letters.contains("V"),
            letters.contains("W"),
            letters.contains("E"),
            letters.contains("D"),
            order));
  }

  private Answer stored(Operation operation) {
    return new Answer.Stored(outcome(operation.span().count()));
  }

  private Answer loaded(Operation operation) {
    CpuOutcome outcome = outcome(operation.span().count());
    return new Answer.Loaded(outcome, values(outcome.pages()));
  }

  private Answer taken(Operation operation) {
    Errno errno = errno();
    return errno.isError()
        ? Answer.error(errno)
        : new Answer.Taken(cpages(operation), values(operation.span().count()));
  }

  @Override
  public Answer visit(ProcessOperation.Mmap operation) {
    return status();
  }

  @Override
  public Answer visit(ProcessOperation.Munmap operation) {
    return status();
  }

  @Override
  public Answer visit(ProcessOperation.Mprotect operation) {
    return status();
  }

  @Override
  public Answer visit(ProcessOperation.Dontneed operation) {
    return status();
  }

  @Override
  public Answer visit(ProcessOperation.Mremap operation) {
    return status();
  }

  @Override
  public Answer visit(ProcessOperation.CpuWrite operation) {
    return stored(operation);
  }

  @Override
  public Answer visit(ProcessOperation.CpuRead operation) {
    return loaded(operation);
  }

  @Override
  public Answer visit(ProcessOperation.Fork operation) {
    return status();
  }

  @Override
  public Answer visit(ProcessOperation.ChildWrite operation) {
    return stored(operation);
  }

  @Override
  public Answer visit(ProcessOperation.ChildRead operation) {
    return loaded(operation);
  }

  @Override
  public Answer visit(ProcessOperation.Reap operation) {
    return status();
  }

  @Override
  public Answer visit(DeviceOperation.Read operation) {
    Errno errno = errno();
    return errno.isError()
        ? Answer.error(errno)
        : new Answer.DeviceRead(cpages(operation), faults(), values(operation.span().count()));
  }

  @Override
  public Answer visit(DeviceOperation.Write operation) {
    Errno errno = errno();
    return errno.isError()
        ? Answer.error(errno)
        : new Answer.DeviceWritten(cpages(operation), faults());
  }

  @Override
  public Answer visit(DeviceOperation.Snapshot operation) {
    Errno errno = errno();
    if (errno.isError()) {
      return Answer.error(errno);
    }
    long cpages = cpages(operation);
    in.literal("perms");
    return new Answer.Snapped(
        cpages, list("perms of page", operation.span().count(), AnswerReader::perms));
  }

  @Override
  public Answer visit(DeviceOperation.RangeFault operation) {
    Errno errno = errno();
    if (errno.isError()) {
      return Answer.error(errno);
    }
    in.literal("pfns");
    return new Answer.Faulted(list("pfn", operation.span().count(), AnswerReader::pfn));
  }

  @Override
  public Answer visit(DeviceOperation.ToDev operation) {
    return taken(operation);
  }

  @Override
  public Answer visit(DeviceOperation.ToSys operation) {
    Errno errno = errno();
    return errno.isError() ? Answer.error(errno) : new Answer.MovedBack(cpages(operation));
  }

  @Override
  public Answer visit(DeviceOperation.Exclusive operation) {
    return taken(operation);
  }

  @Override
  public Answer visit(DeviceOperation.CheckExclusive operation) {
    return status();
  }
}

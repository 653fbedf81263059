// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Allocations;
import org.hmm4j.kernel.Context;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.machine.Step;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/** The records of all live objects: {@code object_list} of mm/kmemleak.c. */
final class AllocationBook implements Allocations {

  private final Tasks tasks;
  private final Context context;
  private final Predicate<String> fails;
  private final AtomicLong serials = new AtomicLong();
  private final Set<AllocationRecord> records = ConcurrentHashMap.newKeySet();

  /**
   * Makes an empty book.
   *
   * @param fails says which allocations fail, by their type
   */
  AllocationBook(Tasks tasks, Context context, Predicate<String> fails) {
    this.tasks = tasks;
    this.context = context;
    this.fails = fails;
  }

  @Override
  public Allocation allocate(String type) {
    context.mightAlloc();
    return allocateNowait(type);
  }

  @Override
  public Allocation allocateNowait(String type) {
    Objects.requireNonNull(type, "type");
    tasks.step(Step.ALLOCATE, this);
    if (fails.test(type)) {
      return null;
    }
    return record(type, "allocated");
  }

  @Override
  public Allocation track(String type) {
    Objects.requireNonNull(type, "type");
    tasks.step(Step.ALLOCATE, this);
    return record(type, "registered");
  }

  private AllocationRecord record(String type, String what) {
    AllocationRecord record =
        new AllocationRecord(this, type, serials.incrementAndGet(), site(what));
    records.add(record);
    report(TracePoint.ALLOCATED, record);
    return record;
  }

  @Override
  public List<Allocation> live() {
    return records.stream()
        .sorted(Comparator.comparingLong(AllocationRecord::serial))
        .map(Allocation.class::cast)
        .toList();
  }

  /** Complains of every object that was not freed, each with the stack that made it. */
  void assertEmpty() {
    List<Allocation> leaked = live();
    if (leaked.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder("not freed, " + leaked.size() + " objects:");
    leaked.forEach(allocation -> text.append("\n  ").append(allocation));
    KernelBug bug = new KernelBug(KernelBug.Rule.LEAK, text.toString());
    leaked.forEach(allocation -> bug.addSuppressed(((AllocationRecord) allocation).allocated()));
    throw bug;
  }

  /** Announces that the caller is about to free an object, and notes where. */
  Site freeing(AllocationRecord record) {
    tasks.step(Step.ALLOCATE, record);
    return site("freed");
  }

  /** Notes where the caller is. */
  Site site(String what) {
    return tasks.sites().of(what, tasks.current().task());
  }

  /** Forgets a freed object. */
  void remove(AllocationRecord record) {
    records.remove(record);
    report(TracePoint.FREED, record);
  }

  private void report(TracePoint point, AllocationRecord record) {
    Tracer tracer = tasks.tracer();
    if (tracer != null) {
      tracer.report(point, record, record.label());
    }
  }

  @Override
  public String toString() {
    return "allocator";
  }
}

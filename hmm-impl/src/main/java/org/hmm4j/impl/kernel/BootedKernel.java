// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.hmm4j.impl.machine.JdkMachine;
import org.hmm4j.kernel.Allocations;
import org.hmm4j.kernel.Completion;
import org.hmm4j.kernel.Context;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Kref;
import org.hmm4j.kernel.Lockdep;
import org.hmm4j.kernel.Mutex;
import org.hmm4j.kernel.RwSemaphore;
import org.hmm4j.kernel.SpinLock;
import org.hmm4j.kernel.Srcu;
import org.hmm4j.kernel.WaitQueue;
import org.hmm4j.kernel.Warning;
import org.hmm4j.machine.Machine;
import org.hmm4j.trace.Tracer;

/**
 * A kernel that hands out the primitives of this package. Its other parts are {@linkplain #install
 * installed} by whoever boots it.
 */
public final class BootedKernel implements Kernel {

  private final Tasks tasks;
  private final Machine machine;
  private final PseudoLocks pseudoLocks;
  private final Context context;
  private final AllocationBook allocations;
  private final WarningLog warnings;

  private final AtomicLong domainSerials = new AtomicLong();

  /** All that were made and not cleaned up, oldest first, for {@link #shutdown}. */
  private final ConcurrentSkipListMap<Long, Srcu> domains = new ConcurrentSkipListMap<>();

  private final ConcurrentHashMap<Class<?>, Object> parts = new ConcurrentHashMap<>();

  /**
   * Boots a kernel without parts.
   *
   * @param options what to boot it with
   * @throws IllegalArgumentException if the calling task belongs to another kernel on this machine
   */
  public BootedKernel(KernelOptions options) {
    this.tasks = new Tasks(options.machine().orElseGet(JdkMachine::new), options);
    this.machine = new ExitCheckingMachine(tasks);
    this.pseudoLocks = new PseudoLocks(tasks);
    this.context = new CurrentContext(tasks, pseudoLocks);
    this.allocations = new AllocationBook(tasks, context, options.failAllocation());
    this.warnings = new WarningLog(tasks, MAX_WARNINGS);
  }

  /**
   * Adds a part, for {@link #subsystem} to find.
   *
   * @param <T> its interface
   * @param type its interface
   * @param part the part
   * @throws IllegalArgumentException if the kernel has such a part already
   */
  public <T> void install(Class<T> type, T part) {
    Objects.requireNonNull(part, "part");
    if (parts.putIfAbsent(type, part) != null) {
      throw new IllegalArgumentException("this kernel has a part already: " + type.getName());
    }
  }

  @Override
  public <T> T subsystem(Class<T> type) {
    Object part = parts.get(type);
    if (part == null) {
      throw new IllegalArgumentException("this kernel has no part: " + type.getName());
    }
    return type.cast(part);
  }

  @Override
  public Machine machine() {
    return machine;
  }

  @Override
  public Tracer tracer() {
    return tasks.tracer();
  }

  @Override
  public SpinLock spinLock(String name) {
    return new ParkingSpinLock(tasks, name);
  }

  @Override
  public Mutex mutex(String name) {
    return new OwnedMutex(tasks, name);
  }

  @Override
  public RwSemaphore rwSemaphore(String name) {
    return new FifoRwSemaphore(tasks, name);
  }

  /**
   * Makes a pseudo lock.
   *
   * @param name its lock class
   * @return a pseudo lock that no task holds
   */
  public LockMap lockMap(String name) {
    return new LockMap(tasks, name);
  }

  @Override
  public Kref kref(String name, Runnable release) {
    return new SaturatingKref(tasks, this::warn, name, release);
  }

  @Override
  public Srcu srcu(String name) {
    Long serial = domainSerials.incrementAndGet();
    Srcu domain = new EpochSrcu(tasks, name, this::warn, () -> domains.remove(serial));
    domains.put(serial, domain);
    return domain;
  }

  @Override
  public WaitQueue waitQueue(String name) {
    return new ParkingWaitQueue(tasks, name);
  }

  @Override
  public Completion completion(String name) {
    return new CountedCompletion(tasks, name);
  }

  @Override
  public Context context() {
    return context;
  }

  @Override
  public Lockdep lockdep() {
    return pseudoLocks;
  }

  @Override
  public Allocations allocations() {
    return allocations;
  }

  @Override
  public void warn(String message) {
    warnings.warn(message);
  }

  @Override
  public List<Warning> warnings() {
    return warnings.warnings();
  }

  @Override
  public long warnCount() {
    return warnings.count();
  }

  @Override
  public void shutdown() {
    for (Srcu domain : domains.values()) {
      domain.barrier();
    }
    allocations.assertEmpty();
  }
}

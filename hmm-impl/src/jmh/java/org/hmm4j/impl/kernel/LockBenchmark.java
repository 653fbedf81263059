// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.concurrent.TimeUnit;
import org.hmm4j.impl.Engine;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.machine.Task;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A lock that nobody else wants, taken and released. The floor is the bare lock word, without the
 * book of held locks, the checks of contexts, and lockdep.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LockBenchmark {

  /** Which lock, and how it is taken. */
  @Param public Kind kind;

  /** Whether lockdep is on. */
  @Param({"false", "true"})
  public boolean lockdep;

  private ParkingSpinLock spin;
  private OwnedMutex mutex;
  private FifoRwSemaphore semaphore;
  private Task task;

  /** For JMH. */
  public LockBenchmark() {}

  /** Boots a kernel. */
  @Setup(Level.Trial)
  public void boot() {
    Kernel kernel = new Engine().boot(KernelOptions.defaults().lockdep(lockdep));
    spin = (ParkingSpinLock) kernel.spinLock("spin");
    mutex = (OwnedMutex) kernel.mutex("mutex");
    semaphore = (FifoRwSemaphore) kernel.rwSemaphore("semaphore");
    task = spin.current().task();
  }

  /** The lock as a driver takes it. */
  @Benchmark
  public void lock() {
    kind.use(this);
  }

  /**
   * The lock word alone.
   *
   * @return whether it was free
   */
  @Benchmark
  public boolean floor() {
    return kind.floor(this);
  }

  private static boolean bare(TrackedLock lock, LockMode mode, Task task) {
    boolean taken = lock.tryTake(task, mode);
    lock.give(task, mode);
    return taken;
  }

  /** The ways to take a lock. */
  public enum Kind {
    /** A spin lock. */
    SPIN {
      @Override
      void use(LockBenchmark of) {
        of.spin.lock();
        of.spin.unlock();
      }

      @Override
      boolean floor(LockBenchmark of) {
        return bare(of.spin, LockMode.SPIN, of.task);
      }
    },
    /** A mutex. */
    MUTEX {
      @Override
      void use(LockBenchmark of) {
        of.mutex.lock();
        of.mutex.unlock();
      }

      @Override
      boolean floor(LockBenchmark of) {
        return bare(of.mutex, LockMode.MUTEX, of.task);
      }
    },
    /** A read/write semaphore, for read. */
    READ {
      @Override
      void use(LockBenchmark of) {
        of.semaphore.readLock();
        of.semaphore.readUnlock();
      }

      @Override
      boolean floor(LockBenchmark of) {
        return bare(of.semaphore, LockMode.READ, of.task);
      }
    };

    abstract void use(LockBenchmark of);

    abstract boolean floor(LockBenchmark of);
  }
}

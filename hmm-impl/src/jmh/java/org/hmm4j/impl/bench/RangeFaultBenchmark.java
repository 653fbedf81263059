// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.bench;

import java.util.concurrent.TimeUnit;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.Pte;
import org.hmm4j.notifier.MmuIntervalNotifier;
import org.hmm4j.notifier.MmuNotifiers;
import org.hmm4j.range.Hmm;
import org.hmm4j.range.HmmPfn;
import org.hmm4j.range.HmmRange;
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
 * {@code hmm_range_fault} over pages that are all there, with the requests that a driver makes for
 * a write fault. The floor copies the same tables and translates the flags, and does nothing else:
 * no request is looked at, nothing can be missing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RangeFaultBenchmark {

  private static final long ANSWER = HmmPfn.VALID | HmmPfn.WRITE | Pte.PFN_MASK;

  /** How long the range is. */
  @Param({"64", "512", "65536"})
  public int pages;

  private Hmm hmm;
  private HmmRange range;
  private long[][] leaves;
  private long[] copy;

  /** For JMH. */
  public RangeFaultBenchmark() {}

  /** Boots a kernel and takes the mmap lock, which every measured call needs. */
  @Setup(Level.Trial)
  public void boot() {
    Kernel kernel = Kernel.boot();
    hmm = Hmm.of(kernel);
    PresentPages addressSpace = new PresentPages(pages);
    leaves = addressSpace.leaves();
    copy = new long[pages];
    MmStruct mm = MmStruct.alloc(kernel, addressSpace);
    MmuIntervalNotifier notifier =
        MmuNotifiers.of(kernel).intervalNotifier((subscription, range, seq) -> true);
    notifier.insert(mm, addressSpace.start(), addressSpace.end() - addressSpace.start());
    range =
        HmmRange.of(addressSpace.start(), addressSpace.end())
            .defaultFlags(HmmPfn.REQ_FAULT | HmmPfn.REQ_WRITE)
            .notifier(notifier, notifier.readBegin());
    mm.mmapLock().readLock();
    if (rangeFault() != Errno.OK || floor()[pages - 1] != range.pfn(pages - 1)) {
      throw new IllegalStateException("the two do not give the same answers");
    }
  }

  /**
   * The call as a driver makes it.
   *
   * @return its answer
   */
  @Benchmark
  public Errno rangeFault() {
    return hmm.rangeFault(range);
  }

  /**
   * The least that such a call has to do.
   *
   * @return what it filled
   */
  @Benchmark
  public long[] floor() {
    long[] target = copy;
    int done = 0;
    for (long[] leaf : leaves) {
      int count = Math.min(leaf.length, target.length - done);
      for (int i = 0; i < count; i++) {
        target[done + i] = leaf[i] & ANSWER;
      }
      done += count;
    }
    return target;
  }
}

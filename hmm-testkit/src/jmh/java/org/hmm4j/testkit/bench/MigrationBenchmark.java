// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.bench;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.hmm4j.devmem.MemoryType;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.testkit.device.CopyEngine;
import org.hmm4j.testkit.driver.Dmirror;
import org.hmm4j.testkit.driver.DmirrorDevice;
import org.hmm4j.testkit.driver.IntervalDmirror;
import org.hmm4j.testkit.mm.FakeMm;
import org.hmm4j.testkit.mm.Mapping;
import org.hmm4j.testkit.mm.PhysicalMemory;
import org.hmm4j.testkit.mm.Prot;
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
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/**
 * Pages to the device and back, as the driver does it. The floor copies the same words from one
 * array to another and back, and does nothing else. The copy engine alone stands between: what it
 * takes above the floor is the price of memory that any task may access.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MigrationBenchmark {

  private static final long AT = 0x4000_0000L;
  private static final long PAGE_SIZE = 4096;

  /** How many pages go with one command. */
  @Param({"64", "512"})
  public int pages;

  /** How many words a page has; 1024 is all of it. */
  @Param({"1", "1024"})
  public int words;

  private PhysicalMemory memory;
  private Dmirror dmirror;
  private int[] values;
  private int[][] here;
  private int[][] there;
  private long[] frames;

  /** For JMH. */
  public MigrationBenchmark() {}

  /** Fills the pages of a process, and opens a device on it. */
  @Setup(Level.Trial)
  public void boot() {
    Kernel kernel = Kernel.boot();
    memory = PhysicalMemory.create(kernel, words);
    FakeMm mm = FakeMm.create(kernel, memory);
    mm.mmap(AT, pages * PAGE_SIZE, Prot.READ_WRITE, Mapping.anonPrivate());
    frames = new long[2 * pages];
    for (int page = 0; page < pages; page++) {
      mm.store(AT + page * PAGE_SIZE, page);
    }
    for (int i = 0; i < frames.length; i++) {
      frames[i] = memory.allocate();
    }
    dmirror =
        IntervalDmirror.open(mm.mm(), DmirrorDevice.create(memory, MemoryType.DEVICE_PRIVATE));
    values = new int[pages];
    here = new int[pages][words];
    there = new int[pages][words];
    if (thereAndBack() != pages || values[pages - 1] != pages - 1) {
      throw new IllegalStateException("not all pages have moved");
    }
  }

  /**
   * Two commands of the driver.
   *
   * @return how many pages came back
   */
  @Benchmark
  public long thereAndBack() {
    if (dmirror.migrateToDevice(AT, values).errno() != Errno.OK) {
      throw new IllegalStateException("not all pages have moved");
    }
    return dmirror.migrateToSystem(AT, pages).cpages();
  }

  /**
   * What the driver has to copy, by its copy engine.
   *
   * @return the memory
   */
  @Benchmark
  public PhysicalMemory copyEngine() {
    for (int page = 0; page < pages; page++) {
      CopyEngine.copyPage(memory, frames[page], frames[pages + page]);
    }
    for (int page = 0; page < pages; page++) {
      CopyEngine.copyPage(memory, frames[pages + page], frames[page]);
    }
    return memory;
  }

  /**
   * The same number of words.
   *
   * @return what it filled
   */
  @Benchmark
  public int[][] floor() {
    copy(here, there);
    copy(there, here);
    return here;
  }

  private static void copy(int[][] from, int[][] to) {
    for (int page = 0; page < from.length; page++) {
      for (int i = 0; i < from[page].length; i++) {
        to[page][i] = from[page][i];
      }
    }
  }

  /**
   * Runs it and prints the ratios.
   *
   * @param args options of JMH
   * @throws CommandLineOptionException if an option is wrong
   * @throws RunnerException if a benchmark could not be run
   */
  public static void main(String[] args) throws CommandLineOptionException, RunnerException {
    Collection<RunResult> results = new Runner(new CommandLineOptions(args)).run();
    Map<String, Double> floors = new HashMap<>();
    results.stream()
        .filter(result -> name(result).equals("floor"))
        .forEach(result -> floors.put(parameters(result), perPage(result)));
    System.out.printf("%n%-40s %12s %12s %8s%n", "there and back", "ns/page", "floor", "ratio");
    for (RunResult result : results) {
      Double floor = floors.get(parameters(result));
      if (floor != null && !name(result).equals("floor")) {
        System.out.printf(
            "%-40s %12.1f %12.1f %8.1f%n",
            name(result) + parameters(result), perPage(result), floor, perPage(result) / floor);
      }
    }
  }

  private static String name(RunResult result) {
    String name = result.getParams().getBenchmark();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static String parameters(RunResult result) {
    BenchmarkParams params = result.getParams();
    return " pages=%s words=%s".formatted(params.getParam("pages"), params.getParam("words"));
  }

  private static double perPage(RunResult result) {
    int pages = Integer.parseInt(result.getParams().getParam("pages"));
    return result.getPrimaryResult().getScore() / pages;
  }
}

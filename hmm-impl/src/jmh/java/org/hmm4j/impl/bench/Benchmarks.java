// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.bench;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/** Runs the benchmarks with JMH's own options and then prints each one's ratio to its floor. */
public final class Benchmarks {

  private Benchmarks() {}

  /**
   * The entry point.
   *
   * @param args options of JMH, see -h
   * @throws CommandLineOptionException if an option is wrong
   * @throws RunnerException if a benchmark could not be run
   */
  public static void main(String[] args) throws CommandLineOptionException, RunnerException {
    CommandLineOptions options = new CommandLineOptions(args);
    if (options.shouldHelp()) {
      try {
        options.showHelp();
      } catch (java.io.IOException e) {
        throw new RunnerException(e);
      }
      return;
    }
    if (options.shouldList()) {
      new Runner(options).list();
      return;
    }
    printRatios(new Runner(options).run());
  }

  /**
   * A benchmark method called floor is the floor of the others in its class with the same pages.
   */
  private static void printRatios(Collection<RunResult> results) {
    Map<String, Double> floors = new HashMap<>();
    for (RunResult result : results) {
      if (result.getParams().getBenchmark().endsWith(".floor")) {
        floors.put(group(result), score(result));
      }
    }
    System.out.printf(
        "%n%-40s %8s %10s %10s %8s%n", "benchmark", "pages", "ns/page", "floor", "ratio");
    for (RunResult result : results) {
      Double floor = floors.get(group(result));
      if (floor != null && !result.getParams().getBenchmark().endsWith(".floor")) {
        int pages = Integer.parseInt(result.getParams().getParam("pages"));
        System.out.printf(
            "%-40s %8d %10.3f %10.3f %8.2f%n",
            simpleName(result), pages, score(result) / pages, floor / pages, score(result) / floor);
      }
    }
  }

  private static String group(RunResult result) {
    String name = result.getParams().getBenchmark();
    return name.substring(0, name.lastIndexOf('.')) + "/" + result.getParams().getParam("pages");
  }

  private static String simpleName(RunResult result) {
    String name = result.getParams().getBenchmark();
    int method = name.lastIndexOf('.');
    return name.substring(name.lastIndexOf('.', method - 1) + 1);
  }

  private static double score(RunResult result) {
    return result.getPrimaryResult().getScore();
  }
}

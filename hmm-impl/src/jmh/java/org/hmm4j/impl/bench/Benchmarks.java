// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.bench;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
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
   * A benchmark method called floor is the floor of the others in its class with the same
   * parameters. With a parameter "pages" the times are those of one page.
   */
  private static void printRatios(Collection<RunResult> results) {
    Map<String, Double> floors = new HashMap<>();
    for (RunResult result : results) {
      if (result.getParams().getBenchmark().endsWith(".floor")) {
        floors.put(group(result), score(result));
      }
    }
    System.out.printf("%n%-60s %10s %10s %8s%n", "benchmark", "ns", "floor", "ratio");
    for (RunResult result : results) {
      Double floor = floors.get(group(result));
      if (floor != null && !result.getParams().getBenchmark().endsWith(".floor")) {
        int pages = pages(result.getParams());
        System.out.printf(
            "%-60s %10.3f %10.3f %8.2f%n",
            simpleName(result) + parameters(result.getParams()),
            score(result) / pages,
            floor / pages,
            score(result) / floor);
      }
    }
  }

  private static String group(RunResult result) {
    String name = result.getParams().getBenchmark();
    return name.substring(0, name.lastIndexOf('.')) + parameters(result.getParams());
  }

  private static String parameters(BenchmarkParams params) {
    StringBuilder text = new StringBuilder();
    for (String key : params.getParamsKeys()) {
      text.append(' ').append(key).append('=').append(params.getParam(key));
    }
    return text.toString();
  }

  private static int pages(BenchmarkParams params) {
    String pages = params.getParam("pages");
    return pages == null ? 1 : Integer.parseInt(pages);
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

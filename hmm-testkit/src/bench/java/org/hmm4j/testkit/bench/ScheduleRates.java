// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures on each JDK whose home is named, Lincheck on the first only, and prints how many times
 * as many schedules a second as Lincheck each has.
 */
public final class ScheduleRates {

  private ScheduleRates() {}

  /** A measured rate, in schedules a second. */
  private record Rate(String name, double median, double least, double most) {}

  /**
   * The entry point.
   *
   * @param args homes of JDKs; none for the one that runs this
   */
  public static void main(String[] args) {
    List<String> homes =
        args.length == 0 ? List.of(System.getProperty("java.home")) : List.of(args);
    Rate lincheck = measure(homes.get(0), "lincheck").get(0);
    print(homes.get(0), lincheck, lincheck);
    for (String home : homes) {
      measure(home).forEach(rate -> print(home, rate, lincheck));
    }
  }

  private static void print(String home, Rate rate, Rate lincheck) {
    System.out.printf(
        "%-28s %-44s %9.0f/s (%.0f to %.0f)  %6.1f x Lincheck%n",
        Path.of(home).getFileName(),
        rate.name,
        rate.median,
        rate.least,
        rate.most,
        rate.median / lincheck.median);
  }

  /** Measures in a JVM of its own. */
  private static List<Rate> measure(String home, String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(home, "bin", "java").toString(),
                "-Xmx1g",
                "--add-exports",
                "java.base/jdk.internal.vm=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Rates.class.getName()));
    command.addAll(List.of(args));
    List<Rate> rates = new ArrayList<>();
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        lines
            .lines()
            .filter(line -> line.startsWith("RATE\t"))
            .forEach(line -> rates.add(parse(line.split("\t", -1))));
      }
      if (process.waitFor() != 0) {
        throw new IllegalStateException("failed: " + String.join(" ", command));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
    return rates;
  }

  private static Rate parse(String[] words) {
    return new Rate(
        words[1],
        Double.parseDouble(words[2]),
        Double.parseDouble(words[3]),
        Double.parseDouble(words[4]));
  }
}

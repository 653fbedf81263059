// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What holds everywhere in the sources and what no compiler checks: layers, banned calls, sizes.
 */
final class ArchitectureTest {

  private static final int FILE_LINES = 400;
  private static final int METHOD_LINES = 60;

  /** Each layer uses only those before it; the same order in api and impl. */
  private static final List<String> LAYERS =
      List.of("machine", "trace", "kernel", "mm", "notifier", "range", "devmem");

  private static final List<String> TESTKIT_LAYERS =
      List.of(
          "mm", "device", "driver", "record", "report", "sim", "gallery", "oracle", "junit",
          "jqwik", "cli");

  private static final Pattern IMPORT = Pattern.compile("^import (?:static )?([\\w.]+);$");
  private static final Pattern CLASS =
      Pattern.compile(
          "\\b(?:class|interface|enum|record) (\\w*(?:Impl|Utils?|Helpers?|Manager))\\b");
  private static final Pattern MEMBER =
      Pattern.compile(
          "^( +)(?=[\\w<])(?!(?:class|interface|enum|record|switch|return|if|else|for|while|do|try)\\b)"
              + "(?!.*\\b(?:class|interface|enum|record) ).*\\) ?(?:throws [\\w., ]+ )?\\{$");

  private record Source(Path path, List<String> lines) {

    String packageName() {
      return lines.stream()
          .filter(line -> line.startsWith("package "))
          .map(line -> line.substring(8, line.length() - 1))
          .findFirst()
          .orElse("");
    }

    /** The code without comments: nobody breaks a rule by talking of it. */
    Stream<String> code() {
      return lines.stream()
          .map(line -> line.replaceAll("//.*", ""))
          .filter(line -> !line.strip().startsWith("*") && !line.strip().startsWith("/*"));
    }
  }

  private static List<Source> mainSources() {
    Path root = Path.of("").toAbsolutePath().getParent();
    List<Source> sources = new ArrayList<>();
    for (String module : List.of("hmm-api", "hmm-impl", "hmm-testkit")) {
      try (Stream<Path> files = Files.walk(root.resolve(module).resolve("src/main/java"))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .forEach(file -> sources.add(read(file)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    assertTrue(sources.size() > 100, "found only " + sources.size() + " sources below " + root);
    return sources;
  }

  private static Source read(Path file) {
    try {
      return new Source(file, Files.readAllLines(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> offences(String pattern, Predicate<Source> where) {
    Pattern banned = Pattern.compile(pattern);
    return mainSources().stream()
        .filter(where)
        .flatMap(
            source ->
                source
                    .code()
                    .filter(line -> banned.matcher(line).find())
                    .map(line -> source.path().getFileName() + ": " + line.strip()))
        .toList();
  }

  @Test
  void layersUseOnlyThoseAboveThem() {
    List<String> wrong = new ArrayList<>();
    for (Source source : mainSources()) {
      for (String line : source.lines()) {
        Matcher matcher = IMPORT.matcher(line);
        if (matcher.matches() && isUpward(source.packageName(), matcher.group(1))) {
          wrong.add(source.path().getFileName() + ": " + line);
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  private static boolean isUpward(String from, String imported) {
    return isUpward(from, imported, "org.hmm4j.testkit.", TESTKIT_LAYERS)
        || isUpward(from, imported, "org.hmm4j.impl.", LAYERS)
        || isUpward(from.replace(".impl.", "."), imported, "org.hmm4j.", LAYERS)
        || (!from.startsWith("org.hmm4j.impl") && imported.startsWith("org.hmm4j.impl"));
  }

  private static boolean isUpward(
      String from, String imported, String prefix, List<String> layers) {
    int lower = layer(from + ".", prefix, layers);
    int upper = layer(imported, prefix, layers);
    return lower >= 0 && upper > lower;
  }

  private static int layer(String name, String prefix, List<String> layers) {
    if (!name.startsWith(prefix)) {
      return -1;
    }
    String rest = name.substring(prefix.length());
    int dot = rest.indexOf('.');
    return dot < 0 ? -1 : layers.indexOf(rest.substring(0, dot));
  }

  @Test
  void everythingWaitsThroughTheMachinePort() {
    assertEquals(
        List.of(),
        offences(
            "Thread\\.(sleep|yield)|\\bsynchronized\\b|LockSupport|\\.wait\\(\\)|\\.notify(All)?\\(\\)"
                + "|java\\.util\\.concurrent\\.locks|\\bCountDownLatch\\b|\\bSemaphore\\b",
            source ->
                !source.packageName().equals("org.hmm4j.impl.machine")
                    && !source.path().endsWith("PlatformStrands.java")));
  }

  @Test
  void timeComesFromTheMachinePort() {
    assertEquals(
        List.of(),
        offences(
            "System\\.(currentTimeMillis|nanoTime)|java\\.time\\.|Instant\\.now",
            source ->
                !source.packageName().equals("org.hmm4j.impl.machine")
                    && !source.packageName().equals("org.hmm4j.testkit.cli")
                    && !source.path().endsWith("Stopwatch.java")));
  }

  @Test
  void nothingIsRandomWithoutASeed() {
    assertEquals(
        List.of(),
        offences("ThreadLocalRandom|Math\\.random|new (Splittable)?Random\\(\\)", source -> true));
  }

  @Test
  void librariesDoNotPrint() {
    assertEquals(List.of(), offences("System\\.(out|err)|printStackTrace\\(\\)", source -> true));
  }

  @Test
  void optionalLibrariesStayInTheirPackages() {
    assertEquals(
        List.of(),
        offences(
            "net\\.jqwik",
            source ->
                !source.packageName().equals("org.hmm4j.testkit.jqwik")
                    && !source.packageName().isEmpty()));
    assertEquals(
        List.of(),
        offences(
            "import (picocli|com\\.fasterxml)",
            source -> !source.packageName().equals("org.hmm4j.testkit.cli")));
    assertEquals(
        List.of(),
        offences(
            "org\\.jctools",
            source ->
                !source.packageName().equals("org.hmm4j.impl.kernel")
                    && !source.packageName().equals("org.hmm4j.impl.trace")
                    && !source.packageName().isEmpty()));
  }

  @Test
  void namesSayWhatAThingIs() {
    assertEquals(List.of(), offences(CLASS.pattern(), source -> true));
  }

  @Test
  void everyPackageHasItsMap() {
    List<String> missing =
        mainSources().stream()
            .map(source -> source.path().getParent().resolve("package-info.java"))
            .distinct()
            .filter(info -> !info.getParent().endsWith("java") && !Files.exists(info))
            .map(Path::toString)
            .toList();
    assertEquals(List.of(), missing);
  }

  @Test
  void filesAndMethodsStayShort() {
    List<String> tooLong = new ArrayList<>();
    for (Source source : mainSources()) {
      List<String> lines = source.lines();
      if (lines.size() > FILE_LINES) {
        tooLong.add(source.path().getFileName() + ": " + lines.size() + " lines");
      }
      for (int i = 0; i < lines.size(); i++) {
        Matcher matcher = MEMBER.matcher(lines.get(i));
        if (matcher.matches()) {
          String indent = lines.get(i).contains("(") ? matcher.group(1) : "  ";
          int end = lines.subList(i, lines.size()).indexOf(indent + "}");
          if (end > METHOD_LINES) {
            tooLong.add(source.path().getFileName() + ": " + lines.get(i).strip() + " " + end);
          }
        }
      }
    }
    assertEquals(List.of(), tooLong);
  }
}

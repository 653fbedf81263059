// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.function.UnaryOperator;
import org.hmm4j.testkit.sim.Backend;
import org.hmm4j.testkit.sim.Exploration;
import org.hmm4j.testkit.sim.SchedulerFactory;
import org.hmm4j.testkit.sim.Schedulers;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How schedules are searched. */
final class SearchOptions {

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "42",
      description = "What all choices depend on. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--scheduler",
      paramLabel = "NAME",
      defaultValue = "portfolio",
      converter = SchedulerConverter.class,
      description =
          "Who chooses: random, pct:N, pos, urw, round-robin, exhaustive[:N], sleep-sets, or"
              + " portfolio: random, pct:2, pct:3, pos and urw in turns. Default:"
              + " ${DEFAULT-VALUE}.")
  private SchedulerFactory scheduler;

  @Option(
      names = "--schedules",
      paramLabel = "N",
      defaultValue = "10000",
      converter = CountConverter.class,
      description = "Run no more schedules of a scenario. Default: ${DEFAULT-VALUE}.")
  private long schedules;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      converter = CountConverter.class,
      description = "Search on so many threads; the result is the same. Default: ${DEFAULT-VALUE}.")
  private long jobs;

  @Option(
      names = "--backend",
      paramLabel = "KIND",
      description =
          "What tasks run on: ${COMPLETION-CANDIDATES}; the schedules are the same. Default: the"
              + " fastest that this JVM allows.")
  private Backend backend = Backend.best();

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      converter = Shard.Converter.class,
      description =
          "Run only every Nth schedule, beginning with the Ith. Default: what the variables of"
              + " Kubernetes (with JOB_COMPLETIONS set), Slurm, CircleCI or GitLab say, else 1/1.")
  private Shard shard;

  long seed() {
    return seed;
  }

  String scheduler() {
    return scheduler.name();
  }

  long schedules() {
    return schedules;
  }

  /** Finds out which part is to be done. */
  Shard shard(UnaryOperator<String> environment) throws BadInputException {
    Shard part = shard == null ? ShardVariables.read(environment) : shard;
    if (part.count() > 1 && scheduler.create(seed).inOrder()) {
      throw new BadInputException(
          "%s searches in order and can't be split: shard %s".formatted(scheduler.name(), part),
          null);
    }
    if (part.number() > schedules) {
      throw new BadInputException(
          "shard %s of %d schedules is empty".formatted(part, schedules), null);
    }
    return part;
  }

  Exploration apply(Exploration exploration, Shard part) {
    return exploration
        .seed(seed)
        .scheduler(scheduler)
        .schedules(schedules)
        .jobs((int) jobs)
        .backend(backend)
        .shard(part.number() - 1, part.count());
  }

  /** Reads the name of a scheduler. */
  static final class SchedulerConverter implements ITypeConverter<SchedulerFactory> {
    @Override
    public SchedulerFactory convert(String value) {
      try {
        return Schedulers.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Reads a number that is 1 or more. */
  static final class CountConverter implements ITypeConverter<Long> {
    private static final long MOST = Integer.MAX_VALUE;

    @Override
    public Long convert(String value) {
      try {
        long count = Long.parseLong(value);
        if (count >= 1 && count <= MOST) {
          return count;
        }
      } catch (NumberFormatException e) {
        // Said below.
      }
      throw new TypeConversionException(
          "want a number from 1 to %d, got '%s'".formatted(MOST, value));
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.KernelProvider;

/**
 * Runs a scenario under many schedules and brings the first failure, made small.
 *
 * <pre>{@code
 * Exploration.of(scenario).schedules(10_000).seed(7).run().assertClean();
 * }</pre>
 *
 * <p>Set up in one chain and run once. The defaults take a second or two: {@value #SCHEDULES}
 * schedules, the default portfolio of schedulers, seed {@value #SEED}, one thread. The same seed
 * gives the same schedules on every machine, JDK and back end.
 *
 * <p>The system property {@value #REPLAY_PROPERTY} set to a token makes the exploration of the
 * scenario with the token's name replay it and nothing else.
 */
public final class Exploration {

  /** The system property with the token to replay. */
  public static final String REPLAY_PROPERTY = "hmm.replay";

  /** The default number of schedules. */
  public static final long SCHEDULES = 1_000;

  /** The default seed. */
  public static final long SEED = 42;

  /** The default number of steps after which a run counts as hanging. */
  public static final int STEP_BUDGET = 20_000;

  private final Scenario scenario;
  private String name = "scenario";
  private long schedules = SCHEDULES;
  private long seed = SEED;
  private int shard;
  private int shards = 1;
  private int jobs = 1;
  private int stepBudget = STEP_BUDGET;
  private SchedulerFactory scheduler = Schedulers.parse("portfolio");
  private Backend backend = Backend.best();
  private KernelProvider provider;
  private KernelOptions options = KernelOptions.defaults();
  private LongConsumer progress = done -> {};
  private boolean shrinks = true;
  private Token token;

  private Exploration(Scenario scenario) {
    this.scenario = scenario;
  }

  /**
   * Begins an exploration.
   *
   * @param scenario what to run
   * @return an exploration with the defaults
   */
  public static Exploration of(Scenario scenario) {
    return new Exploration(Objects.requireNonNull(scenario, "scenario"));
  }

  /**
   * Names the scenario, for reports and tokens.
   *
   * @param text the name; {@code scenario} unless set
   * @return this
   */
  public Exploration name(String text) {
    name = Objects.requireNonNull(text, "name");
    return this;
  }

  /**
   * Sets how many schedules are run at most.
   *
   * @param count 1 or more
   * @return this
   * @throws IllegalArgumentException if count is below 1
   */
  public Exploration schedules(long count) {
    schedules = atLeastOne("schedules", count);
    return this;
  }

  /**
   * Sets what all choices depend on.
   *
   * @param value any number
   * @return this
   */
  public Exploration seed(long value) {
    seed = value;
    return this;
  }

  /**
   * Sets who chooses.
   *
   * @param factory the kind of scheduler
   * @return this
   */
  public Exploration scheduler(SchedulerFactory factory) {
    scheduler = Objects.requireNonNull(factory, "factory");
    return this;
  }

  /**
   * Sets who chooses.
   *
   * @param kind the name of a scheduler, see {@link Schedulers}
   * @return this
   * @throws IllegalArgumentException if there is none of that name
   */
  public Exploration scheduler(String kind) {
    return scheduler(Schedulers.parse(kind));
  }

  /**
   * Sets what tasks run on.
   *
   * @param kind {@link Backend#best()} unless set
   * @return this
   */
  public Exploration backend(Backend kind) {
    backend = Objects.requireNonNull(kind, "backend");
    return this;
  }

  /**
   * Sets how many threads search. With more than one the scenario is run on several at a time, each
   * run in a world of its own; the result is the same.
   *
   * @param count 1 or more
   * @return this
   * @throws IllegalArgumentException if count is below 1
   */
  public Exploration jobs(int count) {
    jobs = (int) atLeastOne("jobs", count);
    return this;
  }

  /**
   * Runs only every so manieth schedule, so that several processes share the work.
   *
   * @param number which part, 0 to count - 1
   * @param count how many parts there are, 1 or more
   * @return this
   * @throws IllegalArgumentException if there is no such part
   */
  public Exploration shard(int number, int count) {
    if (number < 0 || number >= count) {
      throw new IllegalArgumentException("no shard %d of %d".formatted(number, count));
    }
    shard = number;
    shards = count;
    return this;
  }

  /**
   * Sets after how many steps a run counts as hanging. The second half of them is round robin.
   *
   * @param steps 2 or more; {@value #STEP_BUDGET} unless set
   * @return this
   * @throws IllegalArgumentException if steps is below 2
   */
  public Exploration stepBudget(int steps) {
    if (steps < 2) {
      throw new IllegalArgumentException("a run needs a budget of 2 steps or more: " + steps);
    }
    stepBudget = steps;
    return this;
  }

  /**
   * Changes what the kernel of each run is booted with. The machine and {@link KernelOptions#sites}
   * are set by the exploration: places are recorded only when a failure is replayed.
   *
   * @param change gets what is set so far
   * @return this
   */
  public Exploration kernel(UnaryOperator<KernelOptions> change) {
    options = Objects.requireNonNull(change.apply(options), "options");
    return this;
  }

  /**
   * Sets the engine.
   *
   * @param engine boots the kernel of each run; the one that is found on the path unless set
   * @return this
   */
  public Exploration engine(KernelProvider engine) {
    provider = Objects.requireNonNull(engine, "engine");
    return this;
  }

  /**
   * Sets who is told how many schedules are done. Called after each, from all threads that search.
   *
   * @param listener gets the number so far
   * @return this
   */
  public Exploration progress(LongConsumer listener) {
    progress = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Leaves a failure as it was found.
   *
   * @return this
   */
  public Exploration withoutShrinking() {
    shrinks = false;
    return this;
  }

  /**
   * Replays a failure and runs nothing else.
   *
   * @param recorded the token of the failure
   * @return this
   */
  public Exploration replay(Token recorded) {
    token = Objects.requireNonNull(recorded, "token");
    return this;
  }

  /**
   * Runs the schedules.
   *
   * @return what was found
   * @throws IllegalStateException if no schedule was run, or if this JVM finds no race at all
   * @throws IllegalArgumentException if a search that goes in order is to be split into shards
   */
  public ExplorationResult run() {
    if (shards > 1 && scheduler.create(seed).inOrder()) {
      throw new IllegalArgumentException(
          "%s searches in order and cannot be split: shard %d of %d"
              .formatted(scheduler.name(), shard, shards));
    }
    Canary.check(backend);
    Plan plan =
        new Plan(
            scenario,
            provider == null ? KernelProvider.load() : provider,
            options.sites(false),
            backend,
            stepBudget);
    Optional<Token> asked = token == null ? askedFor() : Optional.of(token);
    return asked.isPresent() ? replay(plan, asked.get()) : search(plan);
  }

  private Optional<Token> askedFor() {
    return Optional.ofNullable(System.getProperty(REPLAY_PROPERTY))
        .map(Token::parse)
        .filter(asked -> asked.scenario().equals(name));
  }

  private ExplorationResult search(Plan plan) {
    Diagnosis diagnosis = new Diagnosis(name, scheduler, seed);
    Slice slice = new Slice(shard, shards, schedules);
    SearchResult result = new Search(plan, scheduler, seed, slice, jobs, progress).run();
    if (result.statistics().schedules() == 0) {
      throw new IllegalStateException(
          "no schedule of %s was run: shard %d of %d, %d schedules"
              .formatted(name, shard, shards, schedules));
    }
    Optional<Failure> failure =
        result.found() == null
            ? diagnosis.findNondeterminism(plan)
            : Optional.of(diagnosis.failure(plan, result.found(), shrinks));
    return new ExplorationResult(name, scheduler.name(), seed, result.statistics(), failure);
  }

  private ExplorationResult replay(Plan plan, Token recorded) {
    Stopwatch watch = new Stopwatch();
    Diagnosis diagnosis = new Diagnosis(name, scheduler, seed);
    Optional<Failure> failure = diagnosis.replay(plan, recorded);
    int steps = failure.map(Failure::steps).orElse(0);
    Statistics statistics = new Statistics(1, steps, 1, watch.nanos());
    return new ExplorationResult(name, recorded.scheduler(), recorded.seed(), statistics, failure);
  }

  private static long atLeastOne(String what, long count) {
    if (count < 1) {
      throw new IllegalArgumentException(what + " has to be 1 or more: " + count);
    }
    return count;
  }
}

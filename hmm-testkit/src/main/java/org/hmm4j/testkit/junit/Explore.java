// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.hmm4j.testkit.sim.Exploration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test method that is run under many schedules, each in a fresh {@link
 * org.hmm4j.testkit.sim.SimWorld}, its parameter. It fails if any schedule fails, with a token that
 * replays that one.
 *
 * <pre>{@code
 * @Explore(schedules = 5_000)
 * void nobodyReadsAStalePage(SimWorld world) {
 *   ...
 *   world.spawn("cpu", () -> ...);
 *   world.spawn("device", () -> ...);
 *   world.atEnd(() -> assertEquals(...));
 * }
 * }</pre>
 *
 * <p>The method is a {@link org.hmm4j.testkit.sim.Scenario}: what is said there holds. It is called
 * once for each schedule on the same test instance, after one {@code @BeforeEach}; so it makes what
 * it needs itself and keeps nothing in fields.
 *
 * <p>To replay a failure run the test with {@code -Dhmm.replay=TOKEN}: this test then runs that one
 * schedule, and all others run as usual.
 *
 * <p>With {@code -Dhmm.reports=FOLDER} a failing test leaves two files there, {@code
 * Class.method.html}, a timeline for a browser, and {@code Class.method.trace.json} for Perfetto.
 */
@Documented
@Test
@ExtendWith(ExploreExtension.class)
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Explore {

  /** The system property with the folder for the reports of failing tests. */
  String REPORTS_PROPERTY = "hmm.reports";

  /**
   * Returns how many schedules are run at most.
   *
   * @return 1 or more
   */
  long schedules() default Exploration.SCHEDULES;

  /**
   * Returns who chooses.
   *
   * @return the name of a scheduler, see {@link org.hmm4j.testkit.sim.Schedulers}
   */
  String scheduler() default "portfolio";

  /**
   * Returns what all choices depend on.
   *
   * @return any number
   */
  long seed() default Exploration.SEED;

  /**
   * Returns after how many steps a run counts as hanging.
   *
   * @return 2 or more
   */
  int stepBudget() default Exploration.STEP_BUDGET;

  /**
   * Returns how many threads search; the method is then called on several at a time.
   *
   * @return 1 or more
   */
  int jobs() default 1;
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the tasks of a {@link SimMachine} run on. The decisions of a seed are the same on each. */
public enum Backend {

  /** Pooled platform threads, one running at a time: works on every JDK from 17. */
  PLATFORM,

  /**
   * The JDK's continuations: JDK 21 and later, started with {@code --add-exports
   * java.base/jdk.internal.vm=ALL-UNNAMED} (or {@code =org.hmm4j.testkit} where the testkit is a
   * module). Some twenty times faster.
   */
  CONTINUATION;

  private static final int FIRST_WITH_CONTINUATIONS = 21;

  private static final Logger LOG = LoggerFactory.getLogger(Backend.class);

  /**
   * Returns the fastest back end that this JVM allows. Logs one line, once, where continuations
   * only lack the option of the command line.
   *
   * @return {@link #CONTINUATION} where it can be used, else {@link #PLATFORM}
   */
  public static Backend best() {
    if (CONTINUATION.isUsable()) {
      return CONTINUATION;
    }
    if (Runtime.version().feature() >= FIRST_WITH_CONTINUATIONS) {
      Fallback.ONCE.toString();
    }
    return PLATFORM;
  }

  /**
   * Returns whether this JVM allows this back end.
   *
   * @return true for {@link #PLATFORM}, always
   */
  public boolean isUsable() {
    return this == PLATFORM || JdkContinuations.missing() == null;
  }

  /** Makes the strands of a machine; falls back to platform threads, with one line in the log. */
  Strands strands() {
    if (this == PLATFORM) {
      return new PlatformStrands();
    }
    if (isUsable()) {
      return new ContinuationStrands();
    }
    Fallback.ONCE.toString();
    return new PlatformStrands();
  }

  /** Says once in a JVM that there are no continuations. */
  private static final class Fallback {
    static final String ONCE = say();

    private static String say() {
      LOG.info(
          "no continuations here ({}), tasks run on platform threads; needs JDK 21 and"
              + " --add-exports java.base/jdk.internal.vm=ALL-UNNAMED",
          JdkContinuations.missing());
      return "said";
    }
  }
}

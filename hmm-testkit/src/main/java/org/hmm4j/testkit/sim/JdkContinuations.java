// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The JDK's own continuations ({@code jdk.internal.vm.Continuation}, JDK 21 and later), found by
 * method handle, since this code is compiled for JDK 17. They can be used only where the JVM was
 * started with {@code --add-exports java.base/jdk.internal.vm=ALL-UNNAMED}, or with the name of
 * this module in place of the last word.
 */
final class JdkContinuations {

  private static final MethodHandle CREATE;
  private static final MethodHandle RUN;
  private static final MethodHandle YIELD;
  private static final String MISSING;

  static {
    MethodHandle create = null;
    MethodHandle run = null;
    MethodHandle yield = null;
    String missing = null;
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      Class<?> scopes = Class.forName("jdk.internal.vm.ContinuationScope");
      Class<?> continuations = Class.forName("jdk.internal.vm.Continuation");
      Object scope =
          lookup
              .findConstructor(scopes, MethodType.methodType(void.class, String.class))
              .invoke("hmm4j");
      MethodType made = MethodType.methodType(void.class, scopes, Runnable.class);
      create =
          lookup
              .findConstructor(continuations, made)
              .bindTo(scope)
              .asType(MethodType.methodType(Object.class, Runnable.class));
      run =
          lookup
              .findVirtual(continuations, "run", MethodType.methodType(void.class))
              .asType(MethodType.methodType(void.class, Object.class));
      yield =
          lookup
              .findStatic(continuations, "yield", MethodType.methodType(boolean.class, scopes))
              .bindTo(scope);
    } catch (Throwable thrown) {
      missing = thrown.toString();
    }
    CREATE = create;
    RUN = run;
    YIELD = yield;
    MISSING = missing;
  }

  private JdkContinuations() {}

  /** Returns why there are none, or null if they can be used. */
  static String missing() {
    return MISSING;
  }

  static Object create(Runnable body) {
    try {
      return (Object) CREATE.invokeExact(body);
    } catch (Throwable thrown) {
      throw unchecked(thrown);
    }
  }

  /** Runs a continuation until it yields or ends. */
  static void run(Object continuation) {
    try {
      RUN.invokeExact(continuation);
    } catch (Throwable thrown) {
      throw unchecked(thrown);
    }
  }

  /** Goes back to the one who called {@link #run}. */
  static void yield() {
    try {
      boolean ignored = (boolean) YIELD.invokeExact();
    } catch (Throwable thrown) {
      throw unchecked(thrown);
    }
  }

  private static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException exception
        ? exception
        : new IllegalStateException(thrown);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.Consumer;
import org.hmm4j.kernel.Kref;
import org.hmm4j.machine.Step;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/**
 * A reference count that sticks at a negative value once it was misused: {@code struct kref} over
 * {@code refcount_t}, include/linux/kref.h, lib/refcount.c. Warns when it sticks, and only then.
 */
final class SaturatingKref implements Kref {

  /** {@code REFCOUNT_SATURATED}: far from zero and from the largest count. */
  private static final int SATURATED = Integer.MIN_VALUE / 2;

  private static final VarHandle COUNT;

  static {
    try {
      COUNT = MethodHandles.lookup().findVarHandle(SaturatingKref.class, "count", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Tasks tasks;
  private final Consumer<String> warn;
  private final String name;
  private final Runnable release;
  private volatile int count = 1;

  SaturatingKref(Tasks tasks, Consumer<String> warn, String name, Runnable release) {
    this.tasks = tasks;
    this.warn = warn;
    this.name = Objects.requireNonNull(name, "name");
    this.release = Objects.requireNonNull(release, "release");
  }

  @Override
  public void get() {
    tasks.step(Step.COUNT, this);
    int now;
    do {
      now = count;
      if (now == 0) {
        saturated(now, "get on a count of zero, use after free");
        return;
      }
    } while (!added(now));
  }

  @Override
  public boolean getUnlessZero() {
    tasks.step(Step.COUNT, this);
    int now;
    do {
      now = count;
      if (now == 0) {
        return false;
      }
    } while (!added(now));
    return true;
  }

  @Override
  public boolean put() {
    tasks.step(Step.COUNT, this);
    int now;
    do {
      now = count;
      if (now < 0) {
        return false;
      }
      if (now == 0) {
        saturated(now, "put on a count of zero, underflow");
        return false;
      }
    } while (!COUNT.compareAndSet(this, now, now - 1));
    changed(now, now - 1);
    if (now > 1) {
      return false;
    }
    release.run();
    return true;
  }

  @Override
  public int read() {
    return count;
  }

  /** Adds one to a count that is not zero; false if the count has changed meanwhile. */
  private boolean added(int now) {
    if (now < 0) {
      return true;
    }
    if (now == Integer.MAX_VALUE) {
      return saturated(now, "get on the largest count, overflow");
    }
    if (!COUNT.compareAndSet(this, now, now + 1)) {
      return false;
    }
    changed(now, now + 1);
    return true;
  }

  private void changed(int from, int to) {
    Tracer tracer = tasks.tracer();
    if (tracer != null) {
      tracer.change(TracePoint.COUNT_CHANGED, this, from, to);
    }
  }

  /**
   * Saturates; false if the count has changed, which at zero only means that another task did so.
   */
  private boolean saturated(int now, String what) {
    if (!COUNT.compareAndSet(this, now, SATURATED)) {
      return false;
    }
    changed(now, SATURATED);
    warn.accept(this + ": " + what + "; saturated, the object leaks");
    return true;
  }

  @Override
  public String toString() {
    return "kref '" + name + "'";
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.hmm4j.kernel.Warning;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The warnings of a kernel, the first of them with text: {@code __warn} with {@code warn_count},
 * kernel/panic.c. A loop that warns for ever costs a counter.
 */
final class WarningLog {

  private static final Logger LOG = LoggerFactory.getLogger(WarningLog.class);

  private final Tasks tasks;
  private final ConcurrentLinkedQueue<Warning> warnings = new ConcurrentLinkedQueue<>();

  private final AtomicLong count = new AtomicLong();
  private final int limit;

  /**
   * Makes an empty log.
   *
   * @param limit how many warnings are kept; later ones are counted only
   */
  WarningLog(Tasks tasks, int limit) {
    this.tasks = tasks;
    this.limit = limit;
  }

  void warn(String message) {
    Objects.requireNonNull(message, "message");
    long earlier = count.getAndIncrement();
    if (earlier >= limit) {
      return;
    }
    Site site = tasks.sites().of("warned", tasks.current().task());
    Warning warning = new Warning(tasks.current().task().toString(), message, site);
    warnings.add(warning);
    Tracer tracer = tasks.tracer();
    if (tracer != null) {
      tracer.report(TracePoint.WARNED, message);
    }
    LOG.warn("{}", warning, site);
    if (earlier == limit - 1) {
      LOG.warn("that were {} warnings; more are only counted", limit);
    }
  }

  /** Returns how many there were, also those that were not kept. */
  long count() {
    return count.get();
  }

  List<Warning> warnings() {
    return List.copyOf(warnings);
  }
}

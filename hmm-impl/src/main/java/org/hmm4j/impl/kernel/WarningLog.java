// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.hmm4j.kernel.Warning;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The warnings of a kernel, all of them: {@code __warn}, kernel/panic.c. */
final class WarningLog {

  private static final Logger LOG = LoggerFactory.getLogger(WarningLog.class);

  private final Tasks tasks;
  private final ConcurrentLinkedQueue<Warning> warnings = new ConcurrentLinkedQueue<>();

  WarningLog(Tasks tasks) {
    this.tasks = tasks;
  }

  void warn(String message) {
    Objects.requireNonNull(message, "message");
    Site site = tasks.sites().of("warned", tasks.current().task());
    Warning warning = new Warning(tasks.current().task().toString(), message, site);
    warnings.add(warning);
    LOG.warn("{}", warning, site);
  }

  List<Warning> warnings() {
    return List.copyOf(warnings);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.List;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.machine.Task;

/** Notes where tasks are, or only that nobody wanted to know: {@link KernelOptions#sites}. */
final class Sites {

  /** What stands in a report in place of a place. */
  static final String NOT_RECORDED = "(not recorded; KernelOptions.sites(true) records it)";

  private static final LockSite NO_LOCK_SITE = new LockSite("?", List.of(NOT_RECORDED));

  private final boolean recorded;

  Sites(KernelOptions options) {
    this.recorded = options.sites();
  }

  /** Notes where the caller of a lock is. */
  LockSite ofLock(Task task) {
    return recorded ? LockSite.here(task) : NO_LOCK_SITE;
  }

  /**
   * Notes where a task did something to an object.
   *
   * @param what what it did: "freed"
   */
  Site of(String what, Task task) {
    return new Site(what, task, recorded);
  }
}

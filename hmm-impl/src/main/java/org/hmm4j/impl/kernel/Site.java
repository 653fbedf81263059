// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.Set;
import org.hmm4j.machine.Task;

/**
 * Where a task did something to an object: the stacks of a KASAN report (mm/kasan/report.c). Never
 * thrown; it is the cause of the report.
 */
final class Site extends Throwable {

  private static final long serialVersionUID = 1L;

  private static final Set<String> BOOKKEEPERS =
      Set.of(
          Sites.class.getName(),
          AllocationBook.class.getName(),
          AllocationRecord.class.getName(),
          EpochSrcu.class.getName());

  private final String what;
  private final transient Task task;

  /**
   * Captures the stack of the caller, if it is wanted.
   *
   * @param what what it did: "freed"
   * @param recorded whether the stack is wanted
   */
  Site(String what, Task task, boolean recorded) {
    super(null, null, false, recorded);
    this.what = what;
    this.task = task;
  }

  /** Returns what was done and by whom; made only when somebody reads it. */
  @Override
  public String getMessage() {
    return what + " by task " + task;
  }

  /** Returns what was done, by whom and in which line. */
  String summary() {
    for (StackTraceElement frame : getStackTrace()) {
      if (!BOOKKEEPERS.contains(frame.getClassName())) {
        return getMessage() + " at " + frame;
      }
    }
    return getMessage() + " at " + Sites.NOT_RECORDED;
  }
}

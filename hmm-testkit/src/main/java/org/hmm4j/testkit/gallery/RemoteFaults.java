// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.gallery;

import java.util.HashMap;
import java.util.Map;
import org.hmm4j.kernel.Errno;
import org.hmm4j.machine.Machine;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.FaultFlags;
import org.hmm4j.testkit.mm.FakeVma;
import org.hmm4j.testkit.mm.FaultInterceptor;

/** Notes which pages each task has faulted in for a device, and may meddle with those faults. */
final class RemoteFaults implements FaultInterceptor {

  private final Machine machine;

  /** The lowest page of each task since it began to count. */
  private final Map<Task, Integer> lowest = new HashMap<>();

  private FaultInterceptor next = FaultInterceptor.NONE;

  RemoteFaults(Machine machine) {
    this.machine = machine;
  }

  void meddle(FaultInterceptor interceptor) {
    next = interceptor;
  }

  void begin() {
    lowest.put(machine.current(), Integer.MAX_VALUE);
  }

  /** I28, I41, I47b: no page was faulted in below the first that was asked for, or at all. */
  void check(Want want) {
    int page = lowest.get(machine.current());
    RuleBroken.unless(
        want.mayFault() || page == Integer.MAX_VALUE,
        want.answer() == Errno.OK ? "I47b" : want.rule(),
        "page " + page + " was faulted in, and nothing may be");
    RuleBroken.unless(
        page >= want.firstRequested(),
        "I28",
        "page " + page + " was faulted in, and nobody asked for it");
  }

  @Override
  public int beforeFault(FakeVma vma, long address, int flags) {
    if ((flags & FaultFlags.REMOTE) == 0) {
      return 0;
    }
    lowest.merge(machine.current(), Stage.page(address), Math::min);
    return next.beforeFault(vma, address, flags);
  }
}

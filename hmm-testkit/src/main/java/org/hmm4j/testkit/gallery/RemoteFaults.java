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
import org.hmm4j.testkit.sim.RuleBrokenError;

/** Checks which pages are faulted in for a device, and may meddle with those faults. */
final class RemoteFaults implements FaultInterceptor {

  private final Machine machine;

  /** What the walk of each task asks for. */
  private final Map<Task, Want> wants = new HashMap<>();

  private FaultInterceptor next = FaultInterceptor.NONE;

  RemoteFaults(Machine machine) {
    this.machine = machine;
  }

  void meddle(FaultInterceptor interceptor) {
    next = interceptor;
  }

  /** This task is going to walk. */
  void expect(Want want) {
    wants.put(machine.current(), want);
  }

  /** I28, I41, I47b: no page is faulted in below the first that was asked for, or at all. */
  @Override
  public int beforeFault(FakeVma vma, long address, int flags) {
    if ((flags & FaultFlags.REMOTE) == 0) {
      return 0;
    }
    Want want = wants.get(machine.current());
    if (want != null) {
      int page = Stage.page(address);
      RuleBrokenError.unless(
          want.mayFault(),
          want.answer() == Errno.OK ? "I47b" : want.rule(),
          "page " + page + " is faulted in, and nothing may be");
      RuleBrokenError.unless(
          page >= want.firstRequested(),
          "I28",
          "page " + page + " is faulted in, and nobody asked for it");
    }
    return next.beforeFault(vma, address, flags);
  }
}

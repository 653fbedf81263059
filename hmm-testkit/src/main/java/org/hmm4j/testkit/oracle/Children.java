// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.machine.Task;
import org.hmm4j.testkit.mm.FakeMm;

/** The child processes of a scenario. Each operation of a child runs in a task of its own. */
final class Children {

  private final Kernel kernel;
  private final Map<Integer, FakeMm> children = new TreeMap<>();

  Children(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Makes a child: {@code fork(2)}. */
  Errno fork(int number, FakeMm parent) {
    if (children.containsKey(number)) {
      throw new IllegalStateException("child " + number + " is there already");
    }
    FakeMm child = parent.fork();
    if (child == null) {
      return Errno.ENOMEM;
    }
    children.put(number, child);
    return Errno.OK;
  }

  /** Returns the address space of a child that is alive. */
  FakeMm mm(int number) {
    FakeMm child = children.get(number);
    if (child == null) {
      throw new IllegalStateException("no child " + number);
    }
    return child;
  }

  /** Lets a child do something while its parent waits. */
  <T> T run(int number, Supplier<T> work) {
    List<T> result = new ArrayList<>();
    Task task = kernel.machine().spawn("child " + number, () -> result.add(work.get()));
    task.join();
    Optional<Throwable> failure = task.failure();
    if (failure.isPresent()) {
      throw new IllegalStateException("child " + number + " failed", failure.get());
    }
    return result.get(0);
  }

  /** Ends a child and waits for it: {@code waitpid(2)}. */
  Errno reap(int number) {
    FakeMm child = mm(number);
    children.remove(number);
    return run(
        number,
        () -> {
          child.exit();
          return Errno.OK;
        });
  }

  /** Ends those that are still alive. */
  void reapAll() {
    List.copyOf(children.keySet()).forEach(this::reap);
  }
}

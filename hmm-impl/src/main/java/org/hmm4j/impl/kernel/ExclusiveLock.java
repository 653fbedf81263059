// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import org.hmm4j.machine.Task;

/** A tracked lock that one task holds at a time: a {@link RawLock} with a name. */
abstract class ExclusiveLock extends TrackedLock {

  private final RawLock raw;

  ExclusiveLock(Tasks tasks, String kind, String name) {
    super(tasks, kind, name);
    this.raw = new RawLock(tasks);
  }

  @Override
  final boolean tryTake(Task task, LockMode mode) {
    return raw.tryTake(task);
  }

  @Override
  final void take(Task task, LockMode mode) {
    raw.take(task);
  }

  @Override
  final void give(Task task, LockMode mode) {
    raw.give();
  }

  @Override
  final String holder() {
    return raw.holder();
  }
}

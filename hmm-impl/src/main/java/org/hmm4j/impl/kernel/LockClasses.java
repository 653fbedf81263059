// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.kernel.KernelBug.Rule;
import org.hmm4j.kernel.Lockdep;
import org.hmm4j.machine.Task;

/** The lock classes of a kernel: {@code lock_classes[]}, kernel/locking/lockdep.c. */
final class LockClasses {

  private final Sites sites;
  private final int limit;
  private final AtomicInteger count = new AtomicInteger();
  private final ConcurrentHashMap<Key, LockClass> classes = new ConcurrentHashMap<>();

  LockClasses(Sites sites, int limit) {
    this.sites = sites;
    this.limit = limit;
  }

  /**
   * Finds or makes the class of a lock: {@code register_lock_class}.
   *
   * @throws KernelBug {@link Rule#LOCKDEP_LIMIT} if there are too many
   */
  LockClass of(TrackedLock lock, LockMode mode, int subclass, Task task) {
    return classes.computeIfAbsent(
        new Key(lock.kind(), lock.name(), subclass), key -> make(key, mode, sites.ofLock(task)));
  }

  private LockClass make(Key key, LockMode mode, LockSite site) {
    int id = count.getAndIncrement();
    if (id >= limit) {
      count.decrementAndGet();
      throw new KernelBug(
          Rule.LOCKDEP_LIMIT,
          "%s '%s' would be lock class %d, the limit is %d: do names hold numbers or addresses? %s"
              .formatted(key.kind, key.name, id + 1, limit, "Locks of one kind share a name."));
    }
    String name = key.subclass == 0 ? key.name : key.name + "/" + key.subclass;
    return new LockClass(id, name, mode.waitType(), site);
  }

  int size() {
    return classes.size();
  }

  /**
   * Checks the number of a subclass.
   *
   * @throws IllegalArgumentException if there is no such subclass
   */
  static int checkSubclass(int subclass) {
    if (subclass < 0 || subclass >= Lockdep.MAX_SUBCLASSES) {
      throw new IllegalArgumentException(
          "want a subclass from 0 to " + (Lockdep.MAX_SUBCLASSES - 1) + ", got " + subclass);
    }
    return subclass;
  }

  private record Key(String kind, String name, int subclass) {}
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hmm4j.machine.Task;

/**
 * Where a lock was taken: {@code struct lock_trace}, kernel/locking/lockdep.c. Only the first few
 * frames are kept, so that the rules of a kernel take little memory.
 *
 * @param task who took it
 * @param frames who called the lock, innermost first
 */
record LockSite(String task, List<String> frames) {

  private static final int FRAMES = 8;

  private static final Set<String> BOOKKEEPERS =
      Stream.of(
              LockSite.class,
              Sites.class,
              Acquisition.class,
              LockClasses.class,
              LockValidator.class,
              TaskContext.class,
              TrackedLock.class,
              OwnedMutex.class,
              ParkingSpinLock.class,
              FifoRwSemaphore.class,
              LockMap.class,
              PseudoLocks.class)
          .map(Class::getName)
          .collect(Collectors.toUnmodifiableSet());

  /** Captures where the caller of the lock is. */
  static LockSite here(Task task) {
    List<String> frames =
        StackWalker.getInstance()
            .walk(
                stack ->
                    stack
                        .dropWhile(frame -> BOOKKEEPERS.contains(frame.getClassName()))
                        .limit(FRAMES)
                        .map(LockSite::text)
                        .toList());
    return new LockSite(task.toString(), frames);
  }

  private static String text(StackWalker.StackFrame frame) {
    return "%s.%s(%s:%d)"
        .formatted(
            frame.getClassName(),
            frame.getMethodName(),
            frame.getFileName(),
            frame.getLineNumber());
  }

  /** Returns the line that called the lock. */
  String line() {
    return frames.isEmpty() ? "unknown" : frames.get(0);
  }
}

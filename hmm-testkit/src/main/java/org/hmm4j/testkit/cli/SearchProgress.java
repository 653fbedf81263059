// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/** Says how many schedules are done. All threads of a search tell it; who comes second goes on. */
final class SearchProgress implements LongConsumer {

  private final ProgressLine line;
  private final String name;
  private final AtomicBoolean busy = new AtomicBoolean();

  SearchProgress(ProgressLine line, String name) {
    this.line = line;
    this.name = name;
  }

  @Override
  public void accept(long done) {
    if (busy.compareAndSet(false, true)) {
      try {
        line.tell(() -> "%s: %d schedules".formatted(name, done));
      } finally {
        busy.set(false);
      }
    }
  }
}

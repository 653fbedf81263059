// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.PrintWriter;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.hmm4j.testkit.oracle.ReplayProgress;
import org.hmm4j.testkit.oracle.Trace;

/** A line on the terminal that says how far a long run is, and goes away when it is done. */
final class ProgressLine implements ReplayProgress {

  /** How long a person waits without asking; and how often the line then changes. */
  private static final long PATIENCE_NANOS = 1_000_000_000;

  private static final long INTERVAL_NANOS = 100_000_000;

  private final PrintWriter out;
  private final LongSupplier nanoTime;
  private final long begin;
  private long shownAt;
  private int width;

  ProgressLine(PrintWriter out, LongSupplier nanoTime) {
    this.out = out;
    this.nanoTime = nanoTime;
    this.begin = nanoTime.getAsLong();
    this.shownAt = begin;
  }

  @Override
  public void scenarioDone(Trace trace, int done) {
    tell(() -> "%s: %d of %d scenarios".formatted(trace.name(), done, trace.scenarios().size()));
  }

  /** Says how far it is, if it is time to. One thread at a time calls this. */
  void tell(Supplier<String> text) {
    long now = nanoTime.getAsLong();
    if (now - begin >= PATIENCE_NANOS && now - shownAt >= INTERVAL_NANOS) {
      shownAt = now;
      show(text.get());
    }
  }

  private void show(String text) {
    out.print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
    out.flush();
    width = text.length();
  }

  /** Takes the line away. */
  void clear() {
    if (width > 0) {
      out.print("\r" + " ".repeat(width) + "\r");
      out.flush();
      width = 0;
    }
  }
}

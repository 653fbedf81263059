// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.PrintWriter;
import java.util.List;

/** Writes the story of the demo down. */
final class Narrator {

  private final PrintWriter out;
  private int chapters;
  private boolean shown;

  Narrator(PrintWriter out) {
    this.out = out;
  }

  /** Begins a chapter with what it is about. */
  void chapter(String... lines) {
    chapters++;
    String margin = chapters + ". ";
    if (chapters > 1) {
      out.println();
    }
    for (String line : lines) {
      out.println(margin + line);
      margin = " ".repeat(margin.length());
    }
    out.println();
    shown = false;
  }

  /** Tells what somebody does. */
  void act(String what) {
    if (shown) {
      out.println();
      shown = false;
    }
    out.println("   " + what);
  }

  /** Tells what came of it. */
  void outcome(Object outcome) {
    out.println("      -> " + outcome);
  }

  /** Tells what happened in between. */
  void event(String event) {
    out.println("      ! " + event);
  }

  /** Shows some lines as they are. */
  void show(List<String> lines) {
    out.println();
    lines.forEach(line -> out.println("   " + line));
    shown = true;
  }

  void end() {
    out.flush();
  }
}

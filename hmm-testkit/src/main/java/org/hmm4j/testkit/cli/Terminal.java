// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import java.io.Console;

/** Whether a person is looking at the output. */
final class Terminal {

  private Terminal() {}

  /** Returns whether standard input and output are a terminal. */
  static boolean isAttached() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      // From JDK 22 on there is always a console, and this new method tells.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}

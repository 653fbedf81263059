// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/** A value that a trace writes as one fixed word. */
interface Word {

  /** Returns the word. */
  String word();
}

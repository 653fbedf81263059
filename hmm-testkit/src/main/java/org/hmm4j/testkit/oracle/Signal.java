// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/** What stops a CPU access. */
public enum Signal {
  /** No mapping, or no right to this access. */
  SIGSEGV,
  /** A mapping without a page behind it. */
  SIGBUS
}

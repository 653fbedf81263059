// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/** Through which of the two front doors of HMM the devices of a scenario are driven. */
public enum DriverKind {
  /** Interval notifiers, Linux 5.5 and later. */
  INTERVAL,
  /** Mirrors and registered ranges, Linux 5.3. */
  MIRROR
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.range.HmmRange;

/** How a driver gets answers for a range: the part in which the two APIs of HMM differ. */
interface RangeSource {

  /**
   * Faults a range in, again and again until the answer holds, and uses it while it does.
   *
   * @param range the range with its requests
   * @param use called once, with the device's lock held and a valid answer in the range
   * @return what {@code use} returned; the error of the fault; EBUSY after a second of collisions;
   *     EFAULT if the address space has exited
   */
  Errno fault(HmmRange range, Supplier<Errno> use);
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.driver;

import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;

/**
 * Asks a device again that has given up after its second of collisions: on real threads and a busy
 * computer that is a right answer, and says nothing about the rule under test.
 */
final class Patience {

  private Patience() {}

  static Errno untilNotBusy(Supplier<Dmirror.Result> access) {
    Errno errno = access.get().errno();
    while (errno == Errno.EBUSY) {
      errno = access.get().errno();
    }
    return errno;
  }
}

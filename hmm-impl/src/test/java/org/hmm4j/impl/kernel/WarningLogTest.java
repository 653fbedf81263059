// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.hmm4j.impl.machine.JdkMachine;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Warning;
import org.junit.jupiter.api.Test;

final class WarningLogTest {

  private final KernelOptions options = KernelOptions.defaults().sites(false);
  private final WarningLog log = new WarningLog(new Tasks(new JdkMachine(), options), 2);

  @Test
  void K074_theFirstAreKeptAndTheOthersCounted() {
    assertEquals(0, log.count());
    for (String message : List.of("first", "second", "third", "fourth")) {
      log.warn(message);
    }
    assertEquals(
        List.of("first", "second"), log.warnings().stream().map(Warning::message).toList());
    assertEquals(4, log.count());
    assertThrows(NullPointerException.class, () -> log.warn(null));
    assertEquals(4, log.count());
  }

  @Test
  void K074_theKernelKeepsAThousand() {
    Kernel kernel = new BootedKernel(options);
    for (int i = 0; i < Kernel.MAX_WARNINGS + 5; i++) {
      kernel.warn("again");
    }
    assertEquals(1000, kernel.warnings().size());
    assertEquals(1005, kernel.warnCount());
  }
}

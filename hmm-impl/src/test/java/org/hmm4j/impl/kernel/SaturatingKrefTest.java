// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.Kernel;
import org.hmm4j.kernel.KernelOptions;
import org.hmm4j.kernel.Kref;
import org.hmm4j.kernel.Warning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SaturatingKrefTest {

  private static final int SATURATED = Integer.MIN_VALUE / 2;

  private final Kernel kernel = new BootedKernel(KernelOptions.defaults());
  private final AtomicInteger released = new AtomicInteger();
  private final Kref kref = kernel.kref("hmm", released::incrementAndGet);

  @Test
  void K031_lastPutReleases() {
    assertEquals(1, kref.read());
    kref.get();
    assertTrue(kref.getUnlessZero());
    assertEquals(3, kref.read());
    assertFalse(kref.put());
    assertFalse(kref.put());
    assertEquals(0, released.get());
    assertTrue(kref.put());
    assertEquals(1, released.get());
    assertEquals(0, kref.read());
    assertEquals(List.of(), kernel.warnings());
  }

  @Test
  void K032_zeroNeverRises() {
    kref.put();
    assertFalse(kref.getUnlessZero());
    assertEquals(0, kref.read());
    assertEquals(List.of(), kernel.warnings());
  }

  @Test
  void K033_getOnZeroSaturatesAndWarnsOnce() {
    kref.put();
    kref.get();
    assertSaturated("get on a count of zero");
  }

  @Test
  void K033_putOnZeroSaturatesAndWarnsOnce() {
    kref.put();
    assertFalse(kref.put());
    assertSaturated("put on a count of zero");
  }

  @Test
  void K033_overflowSaturatesAndWarnsOnce() throws ReflectiveOperationException {
    MethodHandles.privateLookupIn(SaturatingKref.class, MethodHandles.lookup())
        .findVarHandle(SaturatingKref.class, "count", int.class)
        .setVolatile((SaturatingKref) kref, Integer.MAX_VALUE);
    assertTrue(kref.getUnlessZero());
    released.incrementAndGet();
    assertSaturated("overflow");
  }

  @Test
  void K031_racingPutsReleaseOnce() {
    for (int round = 0; round < 200; round++) {
      AtomicInteger releases = new AtomicInteger();
      Kref shared = kernel.kref("shared", releases::incrementAndGet);
      Crew crew = new Crew(kernel);
      for (int i = 0; i < 2; i++) {
        shared.get();
        crew.go("putter " + i, () -> moveAndPut(shared));
      }
      moveAndPut(shared);
      crew.join();
      assertEquals(1, releases.get());
      assertEquals(0, shared.read());
    }
    assertEquals(List.of(), kernel.warnings());
  }

  @Test
  void needsNameAndRelease() {
    assertThrows(NullPointerException.class, () -> kernel.kref(null, () -> {}));
    assertThrows(NullPointerException.class, () -> kernel.kref("hmm", null));
  }

  private static void moveAndPut(Kref shared) {
    for (int i = 0; i < 100; i++) {
      shared.get();
      assertFalse(shared.put());
    }
    shared.put();
  }

  /** Requires that the count is stuck, whatever is done to it, and that there was one warning. */
  private void assertSaturated(String reason) {
    assertEquals(SATURATED, kref.read());
    kref.get();
    assertTrue(kref.getUnlessZero());
    assertFalse(kref.put());
    assertFalse(kref.put());
    assertEquals(SATURATED, kref.read());
    assertEquals(1, released.get());
    assertEquals(1, kernel.warnings().size());
    Warning warning = kernel.warnings().get(0);
    assertTrue(warning.message().contains("kref 'hmm'"), warning.message());
    assertTrue(warning.message().contains(reason), warning.message());
    assertEquals(kernel.machine().current().toString(), warning.task());
  }
}

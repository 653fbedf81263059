// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.selftest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelfTestListTest {

  private static final List<Class<?>> TESTS =
      List.of(
          AccessSelfTest.class,
          MigrateSelfTest.class,
          HugeSelfTest.class,
          ProcessSelfTest.class,
          TwoDevicesSelfTest.class);

  @Test
  void eachCardHasOneTestOrAReason() {
    List<String> covered = new ArrayList<>(Cards.NOT_RUN.keySet());
    TESTS.stream()
        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(Card.class))
        .forEach(method -> covered.add(method.getAnnotation(Card.class).value()));
    Collections.sort(covered);

    assertEquals(Cards.NAMES.stream().sorted().toList(), covered);
  }
}

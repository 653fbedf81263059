// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.selftest;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;

/** A test that does what one of the kernel's own does: tools/testing/selftests/mm/hmm-tests.c. */
@Test
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Card {

  /** The name of the kernel's test. */
  String value();
}

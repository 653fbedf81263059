// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the lock that has to be held for every access of the field. */
@Documented
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.SOURCE)
public @interface GuardedBy {
  /**
   * Names the lock.
   *
   * @return the field or the kernel's name of the lock, with its mode where that matters
   */
  String value();
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import org.hmm4j.machine.Step;

/**
 * Which steps can be swapped without a difference. When in doubt, two steps depend on each other.
 */
final class Dependence {

  private Dependence() {}

  /**
   * Returns whether the order of two steps of different tasks may matter.
   *
   * <p>A step is all that its task does up to the next one. Steps on different objects commute: so
   * says {@link org.hmm4j.machine.Machine#preemptionPoint}. Two walks commute, because they only
   * read. A walk and another step don't, whatever their objects: a walk takes no lock, so it reads
   * what others change under locks of their own. Of the other steps on one object none commute, not
   * even those that look alike: tasks queue up in the order in which they come, and it is the last
   * put that frees. A step of which nothing is known commutes with none.
   */
  static boolean between(Step one, Object object, Step other, Object otherObject) {
    if (one == null || other == null || object == null || otherObject == null) {
      return true;
    }
    if (one == Step.WALK || other == Step.WALK) {
      return one != other;
    }
    return object == otherObject;
  }
}

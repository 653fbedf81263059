// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.Arrays;

/**
 * A number for what a run did, the same for runs that differ only in the order of steps on
 * different objects: the sum, over all steps, of the step and the one before it on the same object.
 */
final class Footprint {

  private static final int SLOTS = 256;
  private static final int TASK_BITS = 6;

  private Object[] objects = new Object[SLOTS];
  private int[] lasts = new int[SLOTS];
  private int size;
  private long sum;

  void clear() {
    if (size > 0) {
      Arrays.fill(objects, null);
      size = 0;
    }
    sum = 0;
  }

  /**
   * Adds a step.
   *
   * @param task who does it
   * @param index the how manieth step of the task it is
   * @param object what it is done to
   */
  void add(int task, int index, Object object) {
    int step = index << TASK_BITS | task;
    int slot = slot(object);
    int before = objects[slot] == object ? lasts[slot] : 0;
    if (objects[slot] == null) {
      objects[slot] = object;
      size++;
    }
    lasts[slot] = step;
    sum += SplitMix.mix((long) before << Integer.SIZE | step);
    if (2 * size > objects.length) {
      grow();
    }
  }

  long value() {
    return sum;
  }

  private int slot(Object object) {
    int mask = objects.length - 1;
    int slot = System.identityHashCode(object) & mask;
    while (objects[slot] != null && objects[slot] != object) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private void grow() {
    Object[] oldObjects = objects;
    int[] oldLasts = lasts;
    objects = new Object[2 * oldObjects.length];
    lasts = new int[2 * oldObjects.length];
    for (int i = 0; i < oldObjects.length; i++) {
      if (oldObjects[i] != null) {
        int slot = slot(oldObjects[i]);
        objects[slot] = oldObjects[i];
        lasts[slot] = oldLasts[i];
      }
    }
  }
}

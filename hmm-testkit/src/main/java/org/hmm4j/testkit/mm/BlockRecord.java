// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.concurrent.atomic.AtomicInteger;
import org.hmm4j.kernel.Allocation;

/** The allocation record of frames that were allocated as one: free when all of them are. */
final class BlockRecord implements Allocation {

  private final Allocation record;
  private final AtomicInteger live;

  BlockRecord(Allocation record, int frames) {
    this.record = record;
    this.live = new AtomicInteger(frames);
  }

  @Override
  public void check() {
    record.check();
  }

  /** Frees one frame. */
  @Override
  public void free() {
    if (live.decrementAndGet() == 0) {
      record.free();
    }
  }

  /** Frees all frames, of which none was freed before. */
  void freeAll() {
    live.set(0);
    record.free();
  }

  @Override
  public boolean isFree() {
    return record.isFree();
  }

  @Override
  public String type() {
    return record.type();
  }

  @Override
  public String toString() {
    return record.toString();
  }
}

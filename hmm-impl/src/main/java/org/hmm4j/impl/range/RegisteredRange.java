// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import org.hmm4j.impl.notifier.IntervalTree;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.range.HmmRange;
import org.hmm4j.range.RangeRegistration;
import org.hmm4j.trace.TracePoint;
import org.hmm4j.trace.Tracer;

/**
 * What {@code range->hmm} points to, with {@code range->valid}: include/linux/hmm.h, v5.3. After
 * unregistration its record is freed, and it is the poison.
 */
final class RegisteredRange extends RangeRegistration {

  private final Mirror mirror;
  private final MirroredMm owner;
  private final HmmRange range;
  private final Allocation allocation;
  private final IntervalTree.Node<RegisteredRange> node = new IntervalTree.Node<>(this);

  /** Written under the ranges lock; read without. */
  private volatile boolean valid;

  RegisteredRange(Mirror mirror, MirroredMm owner, HmmRange range, Allocation allocation) {
    this.mirror = mirror;
    this.owner = owner;
    this.range = range;
    this.allocation = allocation;
  }

  /** Returns the registration of a range with a mirror, or says what is wrong. */
  static RegisteredRange of(HmmRange range, Mirror mirror) {
    RangeRegistration registration = RangeRegistration.of(range);
    if (registration instanceof RegisteredRange registered && registered.mirror == mirror) {
      return registered;
    }
    throw new KernelBug(
        KernelBug.Rule.NOT_REGISTERED, range + " was never registered with " + mirror);
  }

  /** Returns whether a range is registered now, with any mirror. */
  static boolean isRegistered(HmmRange range) {
    return RangeRegistration.of(range) instanceof RegisteredRange registered
        && !registered.allocation.isFree();
  }

  /** Forgets an earlier registration: {@code range->hmm = NULL}, before anything can fail. */
  static void detach(HmmRange range) {
    set(range, null);
  }

  void publish() {
    set(range, this);
  }

  /** Frees the record: from now on every use is reported, with this place. */
  void poison() {
    allocation.free();
  }

  void check() {
    allocation.check();
  }

  @Override
  protected boolean valid() {
    check();
    boolean now = valid;
    report(TracePoint.RANGE_CHECKED, false, now);
    return now;
  }

  @Override
  protected boolean waitUntilValid(long timeoutMillis) {
    check();
    return owner.waitUntilValid(this, timeoutMillis);
  }

  void valid(boolean valid) {
    if (valid != this.valid) {
      report(TracePoint.RANGE_CHANGED, this.valid, valid);
    }
    this.valid = valid;
  }

  private void report(TracePoint point, boolean from, boolean to) {
    Tracer tracer = owner.tracer();
    if (tracer != null) {
      tracer.change(point, range, from ? 1 : 0, to ? 1 : 0);
    }
  }

  /** {@code range->valid} itself, also of a poisoned range. */
  boolean isMarkedValid() {
    return valid;
  }

  HmmRange range() {
    return range;
  }

  Mirror mirror() {
    return mirror;
  }

  MirroredMm owner() {
    return owner;
  }

  IntervalTree.Node<RegisteredRange> node() {
    return node;
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.function.Function;
import org.hmm4j.impl.mm.CountedMm;
import org.hmm4j.kernel.Allocation;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.GuardedBy;
import org.hmm4j.kernel.KernelBug;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.mm.PageTableGeometry;
import org.hmm4j.range.DmaDevice;
import org.hmm4j.range.DmaResult;
import org.hmm4j.range.HmmMirror;
import org.hmm4j.range.HmmMirrorOps;
import org.hmm4j.range.HmmRange;

/** {@code struct hmm_mirror}, mm/hmm.c, v5.3. */
final class Mirror implements HmmMirror {

  private final HmmCore core;
  private final HmmMirrorOps ops;

  /** Set while it is registered, and kept afterwards to tell a second unregister. */
  private volatile Registration registration;

  /** A stay with one mm. */
  private record Registration(MirroredMm owner, Allocation allocation) {}

  /** Ranges that are registered with this mirror. */
  @GuardedBy("hmm->ranges_lock")
  private int ranges;

  Mirror(HmmCore core, HmmMirrorOps ops) {
    this.core = core;
    this.ops = ops;
  }

  HmmMirrorOps ops() {
    return ops;
  }

  void callbackEntered(String name) {
    core.notifiers().callbackEntered(this, name);
  }

  void callbackLeft(String name) {
    core.notifiers().callbackLeft(this, name);
  }

  @Override
  public Errno register(MmStruct mm) {
    CountedMm target = CountedMm.of(core.kernel(), mm);
    target.mmapLock().assertHeldWrite();
    target.assertHasUser();
    Registration before = registration;
    if (before != null && !before.allocation.isFree()) {
      throw new KernelBug(KernelBug.Rule.ALREADY_REGISTERED, this + " is registered already");
    }
    MirroredMm owner = MirroredMm.getOrCreate(core, target);
    if (owner == null) {
      return Errno.ENOMEM;
    }
    Registration made = new Registration(owner, core.kernel().allocations().track("hmm_mirror"));
    boolean added = false;
    registration = made;
    try {
      owner.add(this);
      added = true;
    } finally {
      if (!added) {
        registration = before;
        made.allocation.free();
        owner.put();
      }
    }
    return Errno.OK;
  }

  @Override
  public void unregister() {
    MirroredMm owner = registration().owner;
    owner.remove(this);
    owner.put();
  }

  /** Under the ranges lock: from here on no range can be added. */
  void retire() {
    if (ranges > 0) {
      throw new KernelBug(
          KernelBug.Rule.STILL_IN_USE, this + " is unregistered with " + ranges + " ranges");
    }
    registration().allocation.free();
  }

  /** Under the ranges lock. */
  void countRange() {
    registration().allocation.check();
    ranges++;
  }

  /** Under the ranges lock. */
  void uncountRange() {
    ranges--;
  }

  @Override
  public Errno rangeRegister(HmmRange range) {
    Registration current = registration();
    current.allocation.check();
    if (RegisteredRange.isRegistered(range)) {
      throw new KernelBug(KernelBug.Rule.ALREADY_REGISTERED, range + " is registered already");
    }
    RegisteredRange.detach(range);
    MirroredMm owner = current.owner;
    PageTableGeometry geometry = owner.mm().addressSpace().pageTables().geometry();
    if (range.start() >= range.end()
        || range.pageShift() != geometry.pageShift()
        || !geometry.isPageAligned(range.start())
        || !geometry.isPageAligned(range.end())) {
      return Errno.EINVAL;
    }
    if (!owner.mm().mmgetNotZero()) {
      return Errno.EFAULT;
    }
    boolean added = false;
    try {
      owner.add(this, range);
      added = true;
    } finally {
      if (!added) {
        owner.mm().mmputOfMany();
      }
    }
    return Errno.OK;
  }

  @Override
  public boolean rangeUnregister(HmmRange range) {
    core.kernel().context().mightSleep();
    RegisteredRange registered = RegisteredRange.of(range, this);
    MirroredMm owner = registered.owner();
    owner.mm().assertMayPut();
    boolean valid = owner.ranges().remove(registered);
    try {
      owner.mm().mmputOfMany();
    } finally {
      owner.put();
    }
    return valid;
  }

  @Override
  public Errno rangeFault(HmmRange range) {
    return walk(range).fault();
  }

  @Override
  public Errno rangeFaultAllowRetry(HmmRange range) {
    return walk(range).faultAllowRetry();
  }

  @Override
  public Errno rangeSnapshot(HmmRange range) {
    return walk(range).snapshot();
  }

  @Override
  public DmaResult dmaMap(HmmRange range, DmaDevice device, long[] daddrs) {
    return dmaMap(range, device, daddrs, RangeWalk::fault);
  }

  @Override
  public DmaResult dmaMapAllowRetry(HmmRange range, DmaDevice device, long[] daddrs) {
    return dmaMap(range, device, daddrs, RangeWalk::faultAllowRetry);
  }

  private DmaResult dmaMap(
      HmmRange range, DmaDevice device, long[] daddrs, Function<RangeWalk, Errno> fault) {
    DmaMapping mapping = DmaMapping.of(range, device, daddrs);
    RegisteredRange registered = RegisteredRange.of(range, this);
    Errno errno = fault.apply(walk(range));
    return errno == Errno.OK ? mapping.map(registered::isMarkedValid) : DmaResult.failed(errno);
  }

  @Override
  public DmaResult dmaUnmap(HmmRange range, DmaDevice device, long[] daddrs, boolean dirty) {
    Registration current = registration();
    current.allocation.check();
    if (range.start() >= range.end() || daddrs == null) {
      return DmaResult.failed(Errno.EINVAL);
    }
    AddressSpace addressSpace = current.owner.mm().addressSpace();
    return DmaMapping.of(range, device, daddrs)
        .unmap(dirty ? addressSpace::setPageDirty : pfn -> {});
  }

  private RangeWalk walk(HmmRange range) {
    core.kernel().context().mightSleep();
    RegisteredRange registered = RegisteredRange.of(range, this);
    registered.check();
    CountedMm mm = registered.owner().mm();
    mm.mmapLock().assertHeld();
    return new RangeWalk(mm, range, () -> !registered.isMarkedValid());
  }

  @Override
  public MmStruct mm() {
    Registration current = registration;
    return current == null || current.allocation.isFree() ? null : current.owner.mm();
  }

  private Registration registration() {
    Registration current = registration;
    if (current == null) {
      throw new KernelBug(KernelBug.Rule.NOT_REGISTERED, this + " is not registered");
    }
    return current;
  }

  @Override
  public String toString() {
    return "hmm_mirror(" + ops.getClass().getName() + ")";
  }
}

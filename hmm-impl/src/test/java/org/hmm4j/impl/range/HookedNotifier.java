// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.range;

import java.util.function.BooleanSupplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuIntervalNotifier;

/** An inserted notifier that lets a test look in whenever the walk asks about a collision. */
record HookedNotifier(MmuIntervalNotifier inner, BooleanSupplier onCheck)
    implements MmuIntervalNotifier {

  @Override
  public boolean checkRetry(long seq) {
    return onCheck.getAsBoolean();
  }

  @Override
  public boolean readRetry(long seq) {
    return inner.readRetry(seq);
  }

  @Override
  public Errno insert(MmStruct mm, long start, long length) {
    return inner.insert(mm, start, length);
  }

  @Override
  public Errno insertLocked(MmStruct mm, long start, long length) {
    return inner.insertLocked(mm, start, length);
  }

  @Override
  public void remove() {
    inner.remove();
  }

  @Override
  public long readBegin() {
    return inner.readBegin();
  }

  @Override
  public void setSeq(long curSeq) {
    inner.setSeq(curSeq);
  }

  @Override
  public MmStruct mm() {
    return inner.mm();
  }

  @Override
  public long start() {
    return inner.start();
  }

  @Override
  public long last() {
    return inner.last();
  }
}

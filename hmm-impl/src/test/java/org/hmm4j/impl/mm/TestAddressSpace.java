// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.impl.mm;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.hmm4j.kernel.Errno;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.PageTables;
import org.hmm4j.mm.Vma;

/** An address space without pages that records what the engine asks of it. */
public final class TestAddressSpace implements AddressSpace {

  private final List<String> log = new CopyOnWriteArrayList<>();
  private Supplier<Errno> onTakeAllLocks = () -> Errno.OK;
  private Runnable onDropAllLocks = () -> {};
  private Runnable onExitMmap = () -> {};

  /** What happened so far; notifiers under test add to it. */
  public List<String> log() {
    return log;
  }

  public void onTakeAllLocks(Supplier<Errno> answer) {
    onTakeAllLocks = answer;
  }

  public void onDropAllLocks(Runnable action) {
    onDropAllLocks = action;
  }

  public void onExitMmap(Runnable action) {
    onExitMmap = action;
  }

  @Override
  public Vma findVma(long address) {
    return null;
  }

  @Override
  public PageTables pageTables() {
    throw new UnsupportedOperationException("this address space has no page tables");
  }

  @Override
  public int handleMmFault(Vma vma, long address, int flags) {
    throw new UnsupportedOperationException("this address space has no pages");
  }

  @Override
  public Errno takeAllLocks() {
    return onTakeAllLocks.get();
  }

  @Override
  public void dropAllLocks() {
    onDropAllLocks.run();
  }

  @Override
  public void exitMmap() {
    log.add("exitMmap");
    onExitMmap.run();
  }

  @Override
  public void free() {
    log.add("free");
  }
}

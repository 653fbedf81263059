// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Strands that are pooled daemon threads, for every JDK. The strand that stops wakes exactly the
 * one that goes on and parks; no thread ever stands between them.
 */
final class PlatformStrands implements Strands {

  private final List<ThreadStrand> strands = new ArrayList<>();
  private ThreadStrand host;
  private volatile boolean closed;

  @Override
  public Strand create() {
    ThreadStrand strand = new ThreadStrand();
    strand.thread = new Thread(null, () -> live(strand), "sim strand", 0, false);
    strand.thread.setDaemon(true);
    strand.thread.start();
    strands.add(strand);
    return strand;
  }

  @Override
  public void enter(Strand first) {
    host = new ThreadStrand();
    host.thread = Thread.currentThread();
    ((ThreadStrand) first).go();
    host.awaitUnlessInterrupted();
  }

  @Override
  public void transfer(Strand from, Strand to) {
    ((ThreadStrand) to).go();
    ((ThreadStrand) from).await();
  }

  @Override
  public void leave(Strand from) {
    transfer(from, host);
  }

  @Override
  public void close() {
    closed = true;
    strands.forEach(ThreadStrand::go);
    strands.clear();
  }

  private void live(ThreadStrand self) {
    self.await();
    while (!closed) {
      self.runWork();
    }
  }

  /** A thread that runs only between a {@link #go} and its next {@link #await}. */
  private static final class ThreadStrand extends Strand {
    private Thread thread;
    private volatile boolean going;

    void go() {
      going = true;
      LockSupport.unpark(thread);
    }

    /** As {@link #await}, for a thread that others may want to stop. */
    void awaitUnlessInterrupted() {
      while (!going) {
        LockSupport.park(this);
        if (!going && Thread.interrupted()) {
          throw new IllegalStateException(
              "interrupted in the middle of a run, which goes on without anybody who waits for it");
        }
      }
      going = false;
    }

    void await() {
      // An interrupt must not turn the wait into a spin; nobody here would hear it.
      boolean interrupted = false;
      while (!going) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      going = false;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import static org.hmm4j.testkit.mm.Process.at;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.hmm4j.kernel.Errno;
import org.hmm4j.kernel.Kernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On real threads: no store is lost, nothing leaks, faults on one page make one page. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ParallelAccessTest {

  private static final int WRITERS = 3;
  private static final int ROUNDS = 3000;

  private final Kernel kernel = Kernel.boot();
  private final PhysicalMemory memory = PhysicalMemory.create(kernel);
  private final FakeMm mm = FakeMm.create(kernel, memory);
  private final AtomicBoolean done = new AtomicBoolean();

  /** Runs the tasks at once; the disturber goes on until all writers are through. */
  private void run(List<Callable<Void>> writers, Callable<Void> disturber)
      throws InterruptedException, ExecutionException {
    List<FutureTask<Void>> running = new ArrayList<>();
    for (Callable<Void> writer : writers) {
      running.add(start(writer));
    }
    FutureTask<Void> disturbing =
        start(
            () -> {
              while (!done.get()) {
                disturber.call();
              }
              return null;
            });
    try {
      for (FutureTask<Void> task : running) {
        task.get();
      }
    } finally {
      done.set(true);
    }
    disturbing.get();
  }

  private static FutureTask<Void> start(Callable<Void> body) {
    FutureTask<Void> task = new FutureTask<>(body);
    Thread thread = new Thread(task, "task");
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  private void exit() {
    mm.exit();
    assertEquals(0, memory.framesInUse());
    assertEquals(List.of(), kernel.warnings());
    assertEquals(List.of(), kernel.allocations().live());
  }

  private void map(long page, long pages, Mapping mapping) {
    assertEquals(Errno.OK, mm.mmap(at(page), pages << 12, Prot.READ_WRITE, mapping));
  }

  /** Stores rising values in pages of its own, which have to be there at the next load. */
  private Callable<Void> writer(int first, int count, int stride) {
    return () -> {
      int[] expected = new int[count];
      for (int round = 1; round <= ROUNDS; round++) {
        int i = round % count;
        long address = at(first + (long) i * stride);
        assertEquals(expected[i], mm.load(address).value());
        Signal signal = mm.store(address, round);
        if (signal == Signal.NONE) {
          expected[i] = round;
        } else {
          assertEquals(Signal.SIGSEGV, signal);
        }
      }
      return null;
    };
  }

  private List<Callable<Void>> writers(int count) {
    List<Callable<Void>> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      writers.add(writer(i, count, WRITERS));
    }
    return writers;
  }

  @Test
  void storesSurviveChangesOfRights() throws Exception {
    map(0, 24, Mapping.anonPrivate());
    run(
        writers(8),
        () -> {
          mm.mprotect(at(3), 12 << 12, Prot.READ);
          mm.mprotect(at(0), 24 << 12, Prot.READ_WRITE);
          return null;
        });
    exit();
  }

  @Test
  void storesSurviveWhatHappensToNeighbours() throws Exception {
    FakeFile file = FakeFile.create(memory, 64);
    map(0, 24, Mapping.filePrivate(file, 0));
    run(
        writers(8),
        () -> {
          map(24, 8, Mapping.filePrivate(file, 24));
          mm.store(at(25), 1);
          mm.load(at(26));
          mm.madviseDontneed(at(24), 4 << 12);
          mm.mremap(at(24), 8 << 12, at(600));
          mm.munmap(at(600), 8 << 12);
          return null;
        });
    file.close();
    exit();
  }

  @Test
  void storesFollowThePagesThatMove() throws Exception {
    map(0, 512, Mapping.anonPrivate());
    for (int page = 0; page < 512; page++) {
      mm.store(at(page), page);
    }
    Callable<Void> mover =
        () -> {
          for (int round = 0; round < 300; round++) {
            assertEquals(Errno.OK, mm.mremap(at(0), 512 << 12, at(1024)));
            assertEquals(Signal.NONE, mm.store(at(1024), round));
            int seven = mm.load(at(1024 + 7)).value();
            assertEquals(seven, mm.load(at(1024 + 7)).value());
            assertEquals(Errno.OK, mm.mremap(at(1024), 512 << 12, at(0)));
            assertEquals(round, mm.load(at(0)).value());
          }
          return null;
        };
    int[] counter = {0};
    // A store at the old place is a segmentation fault, and never ends up in the new place.
    run(
        List.of(mover),
        () -> {
          mm.store(at(7), counter[0]++);
          mm.load(at(1024 + 8));
          return null;
        });
    for (int page = 8; page < 512; page++) {
      assertEquals(page, mm.load(at(page)).value());
    }
    exit();
  }

  @Test
  void M017_faultsOnOnePageMakeOnePage() throws Exception {
    FakeFile file = FakeFile.create(memory, 64);
    for (int round = 0; round < 200; round++) {
      map(0, 1, Mapping.anonPrivate());
      map(1, 1, Mapping.filePrivate(file, 1));
      map(2, 1, Mapping.fileShared(file, 2));
      mm.load(at(round % 2));
      CyclicBarrier barrier = new CyclicBarrier(WRITERS);
      List<FutureTask<Void>> tasks = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int value = i;
        tasks.add(
            start(
                () -> {
                  barrier.await();
                  for (int page = 0; page < 3; page++) {
                    assertEquals(Signal.NONE, mm.store(at(page), value));
                  }
                  return null;
                }));
      }
      for (FutureTask<Void> task : tasks) {
        task.get();
      }
      // The two private pages, and the pages 1 and 2 of the file.
      assertEquals(4, memory.framesInUse());
    }
    file.close();
    exit();
  }
}

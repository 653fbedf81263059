// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.List;
import java.util.Objects;
import org.hmm4j.kernel.Errno;

/**
 * What an operation answers. Which kind belongs to which operation is in the table of the package.
 * The text of each is what stands behind the arrow of a trace's line.
 */
public sealed interface Answer {

  /** Success and nothing else. */
  Answer DONE = new Status(Errno.OK);

  /**
   * Wraps an error.
   *
   * @param errno the error
   * @return the answer
   */
  static Answer error(Errno errno) {
    return new Status(errno);
  }

  /**
   * Returns what the answer says of each page.
   *
   * @return one item a page, empty for an answer without a list
   */
  default Runs<?> perPage() {
    return Runs.of(List.of());
  }

  /**
   * An errno alone: the answer of operations that have no other, and of any that failed.
   *
   * @param errno the errno
   */
  record Status(Errno errno) implements Answer {

    /**
     * Checks that nothing is missing.
     *
     * @param errno the errno
     */
    public Status {
      Objects.requireNonNull(errno, "errno");
    }

    @Override
    public String toString() {
      return errno.isError() ? errno.name() : "0";
    }
  }

  /**
   * The CPU stored.
   *
   * @param outcome how it ended
   */
  record Stored(CpuOutcome outcome) implements Answer {

    @Override
    public String toString() {
      return outcome.toString();
    }
  }

  /**
   * The CPU loaded.
   *
   * @param outcome how it ended
   * @param values the words of the pages that were read, each 0 to 2^32 - 1
   */
  record Loaded(CpuOutcome outcome, Runs<Long> values) implements Answer {

    @Override
    public Runs<?> perPage() {
      return values;
    }

    @Override
    public String toString() {
      return outcome + " values" + values;
    }
  }

  /**
   * A device read.
   *
   * @param cpages how many pages were copied
   * @param faults how many rounds of faults it took
   * @param values the words of the pages, each 0 to 2^32 - 1
   */
  record DeviceRead(long cpages, long faults, Runs<Long> values) implements Answer {

    @Override
    public Runs<?> perPage() {
      return values;
    }

    @Override
    public String toString() {
      return "0 cpages " + cpages + " faults " + faults + " values" + values;
    }
  }

  /**
   * A device wrote.
   *
   * @param cpages how many pages were copied
   * @param faults how many rounds of faults it took
   */
  record DeviceWritten(long cpages, long faults) implements Answer {

    @Override
    public String toString() {
      return "0 cpages " + cpages + " faults " + faults;
    }
  }

  /**
   * What the CPU page tables say to a device.
   *
   * @param cpages how many pages were looked at
   * @param perms what each is
   */
  record Snapped(long cpages, Runs<Perms> perms) implements Answer {

    @Override
    public Runs<?> perPage() {
      return perms;
    }

    @Override
    public String toString() {
      return "0 cpages " + cpages + " perms" + perms;
    }
  }

  /**
   * {@code hmm_range_fault} succeeded.
   *
   * @param pfns the entry of each page
   */
  record Faulted(Runs<PfnWord> pfns) implements Answer {

    @Override
    public Runs<?> perPage() {
      return pfns;
    }

    @Override
    public String toString() {
      return "0 pfns" + pfns;
    }
  }

  /**
   * Pages were taken by a device, for itself or into its memory, and read back.
   *
   * @param cpages how many pages the device then read
   * @param values the words of the pages, each 0 to 2^32 - 1
   */
  record Taken(long cpages, Runs<Long> values) implements Answer {

    @Override
    public Runs<?> perPage() {
      return values;
    }

    @Override
    public String toString() {
      return "0 cpages " + cpages + " values" + values;
    }
  }

  /**
   * Pages went back to system memory.
   *
   * @param cpages how many pages moved
   */
  record MovedBack(long cpages) implements Answer {

    @Override
    public String toString() {
      return "0 cpages " + cpages;
    }
  }
}

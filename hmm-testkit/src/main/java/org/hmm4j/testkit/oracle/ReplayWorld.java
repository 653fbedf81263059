// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

import java.util.List;
import java.util.Optional;
import org.hmm4j.testkit.report.PageRows;

/**
 * A fresh process with two devices, on which a {@link Replayer} runs one scenario. Implement it to
 * hold another model, or a broken one, against the corpus.
 */
public interface ReplayWorld {

  /**
   * Does an operation.
   *
   * @param operation what to do
   * @return the answer, or empty if this world can't do such an operation; then nothing was done
   */
  Optional<Answer> execute(Operation operation);

  /**
   * Returns what the kernel warned about since this was asked last.
   *
   * @return a line for each warning, oldest first; empty if all is well
   */
  List<String> warnings();

  /**
   * Returns the state of the pages in words, for the report of a difference.
   *
   * @return a row a page: the page tables of the CPU and of the devices
   */
  PageRows pages();

  /**
   * Ends the process: children exit, device files are closed, the address space goes. Called once,
   * last, also after an operation that differed.
   *
   * @return a line for each thing that is still there and should not; empty if all is well
   */
  List<String> end();
}

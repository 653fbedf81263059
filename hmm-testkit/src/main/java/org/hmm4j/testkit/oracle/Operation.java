// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/**
 * One operation of a trace. The text of each is its line up to the arrow, word for word.
 *
 * <p>To do something for each kind of operation implement {@link OperationVisitor}: the compiler
 * then says which kinds are missing.
 */
public sealed interface Operation permits ProcessOperation, DeviceOperation {

  /**
   * Returns the pages that the operation is about.
   *
   * @return the pages, {@link PageSpan#NONE} for {@code fork} and {@code reap}
   */
  PageSpan span();

  /**
   * Calls the method of the visitor for this kind of operation.
   *
   * @param <R> what the visitor returns
   * @param visitor the visitor
   * @return what the method returned
   */
  <R> R accept(OperationVisitor<R> visitor);
}

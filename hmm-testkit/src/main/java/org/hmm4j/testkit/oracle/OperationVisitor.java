// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/**
 * Does something for each kind of {@link Operation}.
 *
 * @param <R> what each method returns
 */
public interface OperationVisitor<R> {

  /**
   * Visits a {@code mmap}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(ProcessOperation.Mmap operation);

  /**
   * Visits a {@code munmap}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(ProcessOperation.Munmap operation);

  /**
   * Visits a {@code mprotect}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(ProcessOperation.Mprotect operation);

  /**
   * Visits a {@code dontneed}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(ProcessOperation.Dontneed operation);

  /**
   * Visits a {@code mremap}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(ProcessOperation.Mremap operation);

  /**
   * Visits a {@code cpu_write}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(ProcessOperation.CpuWrite operation);

  /**
   * Visits a {@code cpu_read}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(ProcessOperation.CpuRead operation);

  /**
   * Visits a {@code fork}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(ProcessOperation.Fork operation);

  /**
   * Visits a {@code child_write}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(ProcessOperation.ChildWrite operation);

  /**
   * Visits a {@code child_read}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(ProcessOperation.ChildRead operation);

  /**
   * Visits a {@code reap}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(ProcessOperation.Reap operation);

  /**
   * Visits a {@code dev_read}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(DeviceOperation.Read operation);

  /**
   * Visits a {@code dev_write}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(DeviceOperation.Write operation);

  /**
   * Visits a {@code snapshot}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(DeviceOperation.Snapshot operation);

  /**
   * Visits a {@code range_fault}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(DeviceOperation.RangeFault operation);

  /**
   * Visits a {@code to_dev}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(DeviceOperation.ToDev operation);

  /**
   * Visits a {@code to_sys}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(DeviceOperation.ToSys operation);

  /**
   * Visits an {@code exclusive}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(DeviceOperation.Exclusive operation);

  /**
   * Visits a {@code check_exclusive}.
   *
   * @param operation the operation
   * @return the result
   */
  R visit(DeviceOperation.CheckExclusive operation);
}

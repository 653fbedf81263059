// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

import java.util.Objects;

/**
 * An object or the error that kept it from being made: the kernel's error pointer
 * (include/linux/err.h, {@code ERR_PTR}, {@code IS_ERR}).
 *
 * @param <T> what a success holds
 * @param value the object, null exactly when {@code errno} is an error
 * @param errno {@link Errno#OK} exactly when there is an object
 */
public record ErrPtr<T>(T value, Errno errno) {

  /**
   * Checks that exactly one of object and error is there.
   *
   * @param value the object or null
   * @param errno the error or {@link Errno#OK}
   */
  public ErrPtr {
    Objects.requireNonNull(errno, "errno");
    if (errno.isError() != (value == null)) {
      throw new IllegalArgumentException(
          "an object or an error, not both: " + value + ", " + errno);
    }
  }

  /**
   * Wraps an object.
   *
   * @param <T> its type
   * @param value the object
   * @return a success
   */
  public static <T> ErrPtr<T> of(T value) {
    return new ErrPtr<>(value, Errno.OK);
  }

  /**
   * Wraps an error.
   *
   * @param <T> the type of the object that is not there
   * @param errno the error
   * @return a failure
   */
  public static <T> ErrPtr<T> err(Errno errno) {
    return new ErrPtr<>(null, errno);
  }

  /**
   * Returns whether this holds an error.
   *
   * @return true if there is no object
   */
  public boolean isErr() {
    return errno.isError();
  }
}

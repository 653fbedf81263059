// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An object or an error. */
final class ErrPtrTest {

  @Test
  void K007_anObject() {
    ErrPtr<String> some = ErrPtr.of("x");
    assertFalse(some.isErr());
    assertEquals("x", some.value());
    assertEquals(Errno.OK, some.errno());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void K007_anError(Errno errno) {
    ErrPtr<String> none = ErrPtr.err(errno);
    assertTrue(none.isErr());
    assertNull(none.value());
    assertEquals(errno, none.errno());
    String message =
        assertThrows(IllegalArgumentException.class, () -> new ErrPtr<>("x", errno)).getMessage();
    assertTrue(message.contains("x") && message.contains(errno.name()), message);
  }

  @Test
  void K007_neitherIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> ErrPtr.of(null));
    assertThrows(IllegalArgumentException.class, () -> ErrPtr.err(Errno.OK));
    assertThrows(NullPointerException.class, () -> ErrPtr.err(null));
  }

  @ParameterizedTest
  @EnumSource
  void K006_errnosHaveTheNumbersOfLinux(Errno errno) {
    int number =
        switch (errno) {
          case OK -> 0;
          case EPERM -> 1;
          case ENOENT -> 2;
          case EINTR -> 4;
          case EAGAIN -> 11;
          case ENOMEM -> 12;
          case EACCES -> 13;
          case EFAULT -> 14;
          case EBUSY -> 16;
          case EEXIST -> 17;
          case EINVAL -> 22;
          case EOVERFLOW -> 75;
          case EOPNOTSUPP -> 95;
        };
    assertEquals(number, errno.number());
    assertEquals(number != 0, errno.isError());
  }
}

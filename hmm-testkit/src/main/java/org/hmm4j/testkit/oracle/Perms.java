// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/**
 * What {@code snapshot} says of a page, in the bits of the kernel's test driver: {@code
 * HMM_DMIRROR_PROT_*}, lib/test_hmm_uapi.h.
 *
 * @param bits 0 up to 0xff
 */
public record Perms(int bits) {

  /**
   * Checks the range.
   *
   * @param bits 0 up to 0xff
   */
  public Perms {
    if (bits < 0 || bits > 0xff) {
      throw new IllegalArgumentException("perms are one byte, got 0x" + Integer.toHexString(bits));
    }
  }

  /**
   * Returns the byte as it stands in a trace.
   *
   * @return two hexadecimal digits
   */
  @Override
  public String toString() {
    return "%02x".formatted(bits);
  }
}

// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/** The rights that {@code mmap} and {@code mprotect} give. */
public enum Protection implements Word {
  /** No access: {@code PROT_NONE}. */
  NONE("none", false, false),
  /** {@code PROT_READ}. */
  READ("r", true, false),
  /** {@code PROT_READ | PROT_WRITE}. */
  READ_WRITE("rw", true, true);

  private final String word;
  private final boolean readable;
  private final boolean writable;

  Protection(String word, boolean readable, boolean writable) {
    this.word = word;
    this.readable = readable;
    this.writable = writable;
  }

  @Override
  public String word() {
    return word;
  }

  /**
   * Returns whether pages may be read.
   *
   * @return true with {@code PROT_READ}
   */
  public boolean readable() {
    return readable;
  }

  /**
   * Returns whether pages may be written.
   *
   * @return true with {@code PROT_WRITE}
   */
  public boolean writable() {
    return writable;
  }

  @Override
  public String toString() {
    return word;
  }
}

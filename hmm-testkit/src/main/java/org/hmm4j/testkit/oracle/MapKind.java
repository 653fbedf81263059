// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/** What {@code mmap} maps. */
public enum MapKind implements Word {
  /** Memory of the process's own. */
  ANON_PRIVATE("anon-private", false, true),
  /** Memory that forked children share. */
  ANON_SHARED("anon-shared", false, false),
  /** A copy-on-write view of the scenario's file. */
  FILE_PRIVATE("file-private", true, true),
  /** The scenario's file itself. */
  FILE_SHARED("file-shared", true, false),
  /** Huge pages of 2 MiB from the machine's reserve. */
  HUGETLB_PRIVATE("hugetlb-private", false, true);

  private final String word;
  private final boolean file;
  private final boolean priv;

  MapKind(String word, boolean file, boolean priv) {
    this.word = word;
    this.file = file;
    this.priv = priv;
  }

  @Override
  public String word() {
    return word;
  }

  /**
   * Returns whether the scenario's file is mapped.
   *
   * @return false for anonymous memory and hugetlb
   */
  public boolean isFile() {
    return file;
  }

  /**
   * Returns whether writes are private to the process.
   *
   * @return true with {@code MAP_PRIVATE}
   */
  public boolean isPrivate() {
    return priv;
  }

  @Override
  public String toString() {
    return word;
  }
}

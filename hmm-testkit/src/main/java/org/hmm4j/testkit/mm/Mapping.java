// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.mm;

import java.util.Objects;

/** What is mapped, and whether stores are seen by others: flags, file and offset of mmap. */
public final class Mapping {

  private static final Mapping ANON_PRIVATE = new Mapping(null, 0, false);
  private static final Mapping ANON_SHARED = new Mapping(null, 0, true);

  private final FakeFile file;
  private final long firstPage;
  private final boolean shared;

  private Mapping(FakeFile file, long firstPage, boolean shared) {
    if (firstPage < 0) {
      throw new IllegalArgumentException("a page of a file is not negative, got " + firstPage);
    }
    this.file = file;
    this.firstPage = firstPage;
    this.shared = shared;
  }

  /**
   * Zeroed memory of the process' own: {@code MAP_PRIVATE | MAP_ANONYMOUS}.
   *
   * @return the mapping
   */
  public static Mapping anonPrivate() {
    return ANON_PRIVATE;
  }

  /**
   * Zeroed memory, to be shared with children: {@code MAP_SHARED | MAP_ANONYMOUS}. Each mmap makes
   * an object of its own.
   *
   * @return the mapping
   */
  public static Mapping anonShared() {
    return ANON_SHARED;
  }

  /**
   * The pages of a file, copied when they are first written: {@code MAP_PRIVATE}.
   *
   * @param file the file
   * @param firstPage the page of the file that the mapping begins with
   * @return the mapping
   */
  public static Mapping filePrivate(FakeFile file, long firstPage) {
    return new Mapping(Objects.requireNonNull(file, "file"), firstPage, false);
  }

  /**
   * The pages of a file itself: {@code MAP_SHARED}. The file counts as opened for read and write.
   *
   * @param file the file
   * @param firstPage the page of the file that the mapping begins with
   * @return the mapping
   */
  public static Mapping fileShared(FakeFile file, long firstPage) {
    return new Mapping(Objects.requireNonNull(file, "file"), firstPage, true);
  }

  /** Returns the file, or null if the mapping is anonymous. */
  FakeFile file() {
    return file;
  }

  /** Returns the page of the file that the mapping begins with. */
  long firstPage() {
    return firstPage;
  }

  /** Returns whether stores go to the object itself. */
  boolean shared() {
    return shared;
  }

  @Override
  public String toString() {
    String kind = (file == null ? "anon" : "file") + (shared ? "-shared" : "-private");
    return file == null ? kind : kind + "@" + firstPage;
  }
}

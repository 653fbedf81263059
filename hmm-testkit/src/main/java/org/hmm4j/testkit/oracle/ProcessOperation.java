// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.oracle;

/** What a process, or a child of it, does to its memory and to itself. */
public sealed interface ProcessOperation extends Operation {

  /** How many children a process may have at a time. */
  int CHILDREN = 8;

  /**
   * Maps pages at a fixed place, over what is there: {@code mmap} with {@code MAP_FIXED}.
   *
   * @param span the pages
   * @param prot the rights
   * @param kind what is mapped
   */
  record Mmap(PageSpan span, Protection prot, MapKind kind) implements ProcessOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "mmap " + span + " " + prot + " " + kind;
    }
  }

  /**
   * Unmaps pages: {@code munmap}.
   *
   * @param span the pages
   */
  record Munmap(PageSpan span) implements ProcessOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "munmap " + span;
    }
  }

  /**
   * Changes the rights of pages: {@code mprotect}.
   *
   * @param span the pages
   * @param prot the rights
   */
  record Mprotect(PageSpan span, Protection prot) implements ProcessOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "mprotect " + span + " " + prot;
    }
  }

  /**
   * Throws the contents of pages away: {@code madvise} with {@code MADV_DONTNEED}.
   *
   * @param span the pages
   */
  record Dontneed(PageSpan span) implements ProcessOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "dontneed " + span;
    }
  }

  /**
   * Moves pages: {@code mremap} with {@code MREMAP_MAYMOVE | MREMAP_FIXED}.
   *
   * @param span the pages
   * @param target the number of the first page of the new place
   */
  record Mremap(PageSpan span, int target) implements ProcessOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "mremap " + span + " " + target;
    }
  }

  /**
   * The CPU stores to each page in order, up to the first signal.
   *
   * @param span the pages
   * @param value what the first page gets, 0 to 2^32 - 1; page i gets {@code value + i}
   */
  record CpuWrite(PageSpan span, long value) implements ProcessOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "cpu_write " + span + " " + value;
    }
  }

  /**
   * The CPU loads from each page in order, up to the first signal.
   *
   * @param span the pages
   */
  record CpuRead(PageSpan span) implements ProcessOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "cpu_read " + span;
    }
  }

  /**
   * Makes a child that inherits the address space by copy-on-write, and waits.
   *
   * @param child the number of the child
   */
  record Fork(int child) implements ProcessOperation {

    @Override
    public PageSpan span() {
      return PageSpan.NONE;
    }

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "fork " + child;
    }
  }

  /**
   * A child does what {@link CpuWrite} does.
   *
   * @param child the number of the child
   * @param span the pages
   * @param value what the first page gets, 0 to 2^32 - 1; page i gets {@code value + i}
   */
  record ChildWrite(int child, PageSpan span, long value) implements ProcessOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "child_write " + child + " " + span + " " + value;
    }
  }

  /**
   * A child does what {@link CpuRead} does.
   *
   * @param child the number of the child
   * @param span the pages
   */
  record ChildRead(int child, PageSpan span) implements ProcessOperation {

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "child_read " + child + " " + span;
    }
  }

  /**
   * A child exits.
   *
   * @param child the number of the child
   */
  record Reap(int child) implements ProcessOperation {

    @Override
    public PageSpan span() {
      return PageSpan.NONE;
    }

    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.visit(this);
    }

    @Override
    public String toString() {
      return "reap " + child;
    }
  }
}

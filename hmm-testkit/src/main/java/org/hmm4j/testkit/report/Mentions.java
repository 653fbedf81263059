// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

/** What a message says of objects, by their whole names. */
final class Mentions {

  /** The words before the message of an exception: who threw it, and its class. */
  private static final String THREW = "(\\btask \\S+ )?\\bthrew [\\w.$]+(: |$)";

  private final String text;

  Mentions(String message) {
    this.text = message.replaceAll(THREW, " ");
  }

  /** Whether the message names an object. A name within a longer one does not count. */
  boolean names(String object) {
    if (object.isEmpty()) {
      return false;
    }
    for (int at = text.indexOf(object); at >= 0; at = text.indexOf(object, at + 1)) {
      if (isBegin(at) && isEnd(at + object.length())) {
        return true;
      }
    }
    return false;
  }

  private boolean isBegin(int at) {
    String before = text.substring(0, at);
    return !isWord(at - 1)
        && !before.endsWith("->")
        && !before.endsWith("/")
        && !(before.endsWith(".") && isWord(at - 2));
  }

  /** A name goes on with a field, a part, a place in a file, or the number of its object. */
  private boolean isEnd(int at) {
    return !isWord(at)
        && !text.startsWith("->", at)
        && !text.startsWith("/", at)
        && !text.startsWith("#", at)
        && !text.startsWith(" #", at)
        && !(text.startsWith(".", at) && isWord(at + 1));
  }

  private boolean isWord(int at) {
    return at >= 0 && at < text.length() && Character.isJavaIdentifierPart(text.charAt(at));
  }
}

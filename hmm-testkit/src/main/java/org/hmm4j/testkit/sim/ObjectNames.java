// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.sim;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.hmm4j.machine.Task;
import org.hmm4j.mm.AddressSpace;
import org.hmm4j.mm.MmStruct;
import org.hmm4j.notifier.MmuNotifierRange;

/**
 * Names for the objects of one run that are the same in every replay: the text of an object when it
 * is first seen, without addresses and packages, with a number where another has that text already.
 */
final class ObjectNames {

  private final Map<Object, String> names = new IdentityHashMap<>();
  private final Map<String, Integer> used = new HashMap<>();

  String of(Object object) {
    if (object instanceof String text) {
      return text;
    }
    if (object instanceof Task task) {
      return "task " + task;
    }
    if (object instanceof MmuNotifierRange range) {
      return text(range);
    }
    String known = names.get(object);
    return known == null ? name(object, text(object)) : known;
  }

  /** Gives an object a name that is unique already. */
  void set(Object object, String name) {
    names.put(object, name);
  }

  private String name(Object object, String text) {
    int number = used.merge(text, 1, Integer::sum);
    String name = number == 1 ? text : text + " #" + number;
    names.put(object, name);
    return name;
  }

  private static String text(MmuNotifierRange range) {
    return "%s [0x%x, 0x%x)%s"
        .formatted(
            range.event(), range.start(), range.end(), range.blockable() ? "" : " non-blockable");
  }

  private static String text(Object object) {
    if (object instanceof MmStruct) {
      return "mm";
    }
    if (object instanceof AddressSpace) {
      return "page tables";
    }
    if (object instanceof long[]) {
      return "leaf table";
    }
    return object
        .toString()
        .replaceAll("@[0-9a-f]+| \\([^)]*\\)$", "")
        .replaceAll("\\$\\$Lambda[^ ,)]*", " lambda")
        .replaceAll("\\b(?:[a-z_]\\w*\\.)+(?=[A-Z])", "")
        .replaceAll("\\b(?:[A-Z]\\w*\\$)+(?=[A-Za-z])", "");
  }
}

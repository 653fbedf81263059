// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A run as a page for a browser: one file with its style, its script and its data; it loads
 * nothing. Whoever has no script sees the table.
 */
final class TimelinePage {

  private final RunReport report;

  TimelinePage(RunReport report) {
    this.report = report;
  }

  String html() {
    String page = resource("timeline.html");
    // Every marker is replaced in the template only, so that no text of a run can be one.
    StringBuilder html = new StringBuilder();
    int at = 0;
    for (int begin = page.indexOf("{{"); begin >= 0; begin = page.indexOf("{{", at)) {
      int end = page.indexOf("}}", begin);
      html.append(page, at, begin).append(part(page.substring(begin + 2, end)));
      at = end + 2;
    }
    return html.append(page.substring(at)).toString();
  }

  private String part(String name) {
    return switch (name) {
      case "title" -> escaped(report.title());
      case "verdict" -> escaped(report.verdict());
      case "message" -> escaped(report.message());
      case "explanation" -> explanation();
      case "picture" -> picture();
      case "table" -> escaped(String.join("\n", report.table()));
      case "style" -> resource("timeline.css");
      case "script" -> resource("timeline.js");
      case "data" -> new TimelineData(report).json();
      default -> throw new IllegalStateException("no part of a page: " + name);
    };
  }

  private String explanation() {
    return report.explanation().stream()
        .map(sentence -> "<li>" + escaped(sentence) + "</li>\n")
        .collect(Collectors.joining());
  }

  private String picture() {
    List<String> lines = report.picture();
    return lines.isEmpty()
        ? ""
        : "<pre class=\"picture\" aria-label=\"who waits for whom\" tabindex=\"0\">"
            + escaped(String.join("\n", lines).stripTrailing())
            + "</pre>";
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static String resource(String name) {
    try (InputStream in = TimelinePage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the testkit lacks its resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

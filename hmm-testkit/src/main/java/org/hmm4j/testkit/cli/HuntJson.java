// SPDX-License-Identifier: Apache-2.0
package org.hmm4j.testkit.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamReadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Results of hunts as JSON, for {@code hmm merge} and other programs. */
final class HuntJson {

  private static final int VERSION = 2;

  private final JsonFactory factory =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  void write(HuntReport report, Path file) throws BadInputException {
    try (JsonGenerator out = factory.createGenerator(Files.newBufferedWriter(file))) {
      out.useDefaultPrettyPrinter();
      out.writeStartObject();
      out.writeNumberField("hmm-hunt", VERSION);
      out.writeBooleanField("clean", report.clean());
      out.writeStringField("scheduler", report.scheduler());
      out.writeArrayFieldStart("parts");
      for (HuntPart part : report.parts().done()) {
        out.writeStartObject();
        out.writeNumberField("seed", part.seed());
        out.writeStringField("shard", part.shard().toString());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeArrayFieldStart("results");
      for (HuntRow row : report.rows()) {
        write(row, out);
      }
      out.writeEndArray();
      out.writeEndObject();
      out.writeRaw('\n');
    } catch (IOException e) {
      throw new BadInputException("%s can't be written: %s".formatted(file, reason(e)), e);
    }
  }

  private static void write(HuntRow row, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("bug", row.bug());
    out.writeStringField("rule", row.rule());
    out.writeNumberField("schedules", row.schedules());
    out.writeNumberField("millis", row.millis());
    HuntRow.Found found = row.found();
    out.writeBooleanField("found", found != null);
    if (found != null) {
      out.writeBooleanField("expected", found.expected());
      out.writeNumberField("schedule", found.schedule());
      out.writeStringField("verdict", found.verdict());
      out.writeStringField("message", found.message());
      out.writeNumberField("operations", found.operations());
      out.writeNumberField("steps", found.steps());
      out.writeNumberField("switches", found.switches());
      out.writeStringField("token", found.token());
    }
    out.writeEndObject();
  }

  HuntReport read(Path file) throws BadInputException {
    try (JsonParser in = factory.createParser(Files.newBufferedReader(file))) {
      in.nextToken();
      Fields fields = new Fields(value(in));
      if (in.nextToken() != null || fields.number("hmm-hunt").intValue() != VERSION) {
        throw new IllegalArgumentException("not the results of a hunt, version " + VERSION);
      }
      return new HuntReport(
          fields.flag("clean"),
          fields.text("scheduler"),
          parts(fields.list("parts")),
          fields.list("results").stream().map(row -> row(new Fields(row))).toList());
    } catch (StreamReadException e) {
      throw new BadInputException("%s is no JSON: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new BadInputException("%s can't be read: %s".formatted(file, reason(e)), e);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(file + ": " + e.getMessage(), e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException ? "no such file" : e.getMessage();
  }

  private static HuntParts parts(List<?> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("no part of a hunt");
    }
    return new HuntParts(parts.stream().map(part -> part(new Fields(part))).toList());
  }

  private static HuntPart part(Fields fields) {
    return new HuntPart(fields.number("seed").longValue(), Shard.parse(fields.text("shard")));
  }

  private static HuntRow row(Fields fields) {
    HuntRow.Found found = null;
    if (fields.flag("found")) {
      found =
          new HuntRow.Found(
              fields.flag("expected"),
              fields.number("schedule").longValue(),
              fields.text("verdict"),
              fields.text("message"),
              fields.number("operations").intValue(),
              fields.number("steps").intValue(),
              fields.number("switches").intValue(),
              fields.text("token"));
    }
    return new HuntRow(
        fields.text("bug"),
        fields.text("rule"),
        fields.number("schedules").longValue(),
        fields.number("millis").doubleValue(),
        found);
  }

  /** Reads the value at which the parser is, as maps, lists, texts, numbers and flags. */
  private static Object value(JsonParser in) throws IOException {
    JsonToken token = in.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, Object> fields = new LinkedHashMap<>();
      while (in.nextToken() != JsonToken.END_OBJECT) {
        String name = in.currentName();
        in.nextToken();
        fields.put(name, value(in));
      }
      return fields;
    }
    if (token == JsonToken.START_ARRAY) {
      List<Object> elements = new ArrayList<>();
      while (in.nextToken() != JsonToken.END_ARRAY) {
        elements.add(value(in));
      }
      return elements;
    }
    if (token == null || token == JsonToken.VALUE_NULL) {
      throw new IllegalArgumentException("a value is missing");
    }
    return token.isNumeric()
        ? in.getNumberValue()
        : token.isBoolean() ? (Object) in.getBooleanValue() : in.getText();
  }

  /** The fields of a JSON object, each with the type that is wanted. */
  private record Fields(Map<?, ?> values) {

    Fields(Object value) {
      this(as(Map.class, value));
    }

    static <T> T as(Class<T> type, Object value) {
      if (!type.isInstance(value)) {
        throw new IllegalArgumentException(
            "want a %s, got '%s'".formatted(type.getSimpleName(), value));
      }
      return type.cast(value);
    }

    private <T> T get(Class<T> type, String name) {
      if (!values.containsKey(name)) {
        throw new IllegalArgumentException("field '" + name + "' is missing");
      }
      return as(type, values.get(name));
    }

    String text(String name) {
      return get(String.class, name);
    }

    Number number(String name) {
      return get(Number.class, name);
    }

    boolean flag(String name) {
      return get(Boolean.class, name);
    }

    List<?> list(String name) {
      return get(List.class, name);
    }
  }
}

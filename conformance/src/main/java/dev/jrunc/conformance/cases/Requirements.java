package dev.jrunc.conformance.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.harness.Uses;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Which case covers which flag and which field of config.json: {@code requirements.txt}. A case is
 * held to it when it runs.
 */
final class Requirements {
  private static final String SCHEMA = "/dev/jrunc/spec/schema/config.schema.json";

  private Requirements() {}

  /**
   * A line of the file.
   *
   * @param what a flag such as {@code run --detach}, or a field, where * stands for any name
   * @param by the name of a case; the reason if there is none
   * @param excepted whether no case can cover it
   */
  record Line(String what, String by, boolean excepted) {
    private static final String BETWEEN = " = ";

    static Line of(String text) {
      boolean excepted = text.startsWith("! ");
      String line = excepted ? text.substring(2) : text;
      int between = line.indexOf(BETWEEN);
      if (between < 0) {
        throw new IllegalArgumentException("no \"" + BETWEEN + "\" in: " + text);
      }
      return new Line(
          line.substring(0, between).strip(),
          line.substring(between + BETWEEN.length()).strip(),
          excepted);
    }

    boolean covers(String flagOrField) {
      return flagOrField.matches(what.replace("*", "[^/]*"));
    }
  }

  static List<Line> lines() {
    return lines("requirements.txt");
  }

  /** Of {@code rules.txt}: what is between flags and fields, and the cases that hold it. */
  static List<Line> rules() {
    return lines("rules.txt");
  }

  private static List<Line> lines(String file) {
    List<Line> lines = new ArrayList<>();
    for (String line : text(file).lines().toList()) {
      if (!line.isBlank() && !line.startsWith("#")) {
        lines.add(Line.of(line));
      }
    }
    return lines;
  }

  /** What the case of this name is said to cover and has not used. */
  static List<String> unused(String name, Uses uses) {
    List<String> unused = new ArrayList<>();
    for (Line line : lines()) {
      if (line.by().equals(name) && !line.excepted()) {
        List<String> all = line.what().startsWith("/") ? fields() : List.of(line.what());
        all.stream().filter(line::covers).filter(each -> !uses.has(each)).forEach(unused::add);
      }
    }
    return unused;
  }

  /** Every field of config.json that our schema knows: # for an index, * for a name. */
  static List<String> fields() {
    try {
      JsonNode schema = new ObjectMapper().readTree(text(SCHEMA));
      List<String> fields = new ArrayList<>();
      collect(schema, schema, "", fields);
      return fields;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void collect(JsonNode schema, JsonNode part, String pointer, List<String> fields) {
    if (part.has("$ref")) {
      collect(schema, schema.at(part.path("$ref").asText().substring(1)), pointer, fields);
    } else if (part.has("properties")) {
      part.path("properties")
          .properties()
          .forEach(each -> collect(schema, each.getValue(), pointer + "/" + each.getKey(), fields));
    } else if (part.has("items")) {
      collect(schema, part.path("items"), pointer + "/#", fields);
    } else if (part.path("additionalProperties").isObject()) {
      collect(schema, part.path("additionalProperties"), pointer + "/*", fields);
    } else {
      fields.add(pointer);
    }
  }

  private static String text(String resource) {
    try (InputStream stream =
        Objects.requireNonNull(Requirements.class.getResourceAsStream(resource), resource)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

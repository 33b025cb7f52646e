package dev.jrunc.spec;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Documents of the test resources, and changes to them. */
final class Document {
  static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Document() {}

  static byte[] resource(String name) {
    try (InputStream in = Document.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode everything() {
    return parse(new String(resource("/golden/config/everything.json"), StandardCharsets.UTF_8));
  }

  static JsonNode parse(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] bytes(JsonNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Everything, with {@code value} put at {@code pointer}; "-" takes away what is there. */
  static JsonNode everythingBut(String pointer, String value) {
    JsonNode root = everything();
    return value.equals("-") ? without(root, pointer) : with(root, pointer, parse(value));
  }

  static JsonNode with(JsonNode root, String pointer, JsonNode value) {
    JsonPointer p = JsonPointer.compile(pointer);
    JsonNode parent = root.at(p.head());
    String last = p.last().getMatchingProperty();
    switch (parent) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode array when Integer.parseInt(last) < array.size() ->
          array.set(Integer.parseInt(last), value);
      case ArrayNode array -> array.add(value);
      default -> throw new IllegalArgumentException("nothing at " + pointer);
    }
    return root;
  }

  static JsonNode without(JsonNode root, String pointer) {
    JsonPointer p = JsonPointer.compile(pointer);
    JsonNode parent = root.at(p.head());
    JsonNode gone =
        parent instanceof ArrayNode array
            ? array.remove(Integer.parseInt(p.last().getMatchingProperty()))
            : ((ObjectNode) parent).remove(p.last().getMatchingProperty());
    Objects.requireNonNull(gone, pointer);
    return root;
  }

  /** The lines of a table whose columns are divided by " | ", without comments and empty lines. */
  static List<String[]> table(String name, int columns) {
    List<String[]> rows = new ArrayList<>();
    for (String line : new String(resource(name), StandardCharsets.UTF_8).split("\n")) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] row = line.split(" \\| ", -1);
        if (row.length != columns) {
          throw new IllegalArgumentException(name + ": " + line);
        }
        rows.add(row);
      }
    }
    return rows;
  }
}

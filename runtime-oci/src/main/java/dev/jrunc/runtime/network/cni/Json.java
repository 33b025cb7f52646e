package dev.jrunc.runtime.network.cni;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.jrunc.kernel.Utf8;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value of somebody else's form: a plugin's configuration goes through with all that is in
 * it, known or not.
 */
public sealed interface Json {
  /** How deep values may lie in one another. */
  int DEEPEST = 64;

  /** An object; its fields keep their order. */
  record Fields(Map<String, Json> values) implements Json {
    /** The same with a field set, null takes it out. */
    Fields with(String name, @Nullable Json value) {
      Map<String, Json> more = new LinkedHashMap<>(values);
      if (value == null) {
        more.remove(name);
      } else {
        more.put(name, value);
      }
      return new Fields(more);
    }

    @Nullable Json get(String name) {
      return values.isEmpty() ? null : values.get(name);
    }

    /** A string, empty if there is none. */
    String text(String name) {
      return get(name) instanceof Text text ? text.value() : "";
    }

    boolean on(String name) {
      return get(name) instanceof Plain plain && plain.raw().equals("true");
    }

    /** The objects of a list, empty if there is none. */
    List<Fields> objects(String name) {
      List<Fields> objects = new ArrayList<>();
      if (get(name) instanceof Items items) {
        for (Json item : items.values()) {
          if (item instanceof Fields fields) {
            objects.add(fields);
          }
        }
      }
      return objects;
    }

    Fields object(String name) {
      return get(name) instanceof Fields fields ? fields : new Fields(new LinkedHashMap<>());
    }
  }

  /** A list. */
  record Items(List<Json> values) implements Json {}

  /** A string. */
  record Text(String value) implements Json {}

  /** A number as it is written, {@code true}, {@code false} or {@code null}. */
  record Plain(String raw) implements Json {}

  /** Reads a whole document; null where the text is none. */
  static @Nullable Json parse(String text) {
    try (JsonParser parser = new JsonFactory().createParser(Utf8.encode(text))) {
      parser.nextToken();
      Json value = value(parser, 0);
      return value == null || parser.nextToken() != null ? null : value;
    } catch (IOException e) {
      return null;
    }
  }

  private static @Nullable Json value(JsonParser parser, int depth) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null || depth > DEEPEST) {
      return null;
    }
    return switch (token) {
      case START_OBJECT -> fields(parser, depth);
      case START_ARRAY -> items(parser, depth);
      case VALUE_STRING -> new Text(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE, VALUE_NULL ->
          new Plain(parser.getText());
      default -> null;
    };
  }

  private static @Nullable Json fields(JsonParser parser, int depth) throws IOException {
    Map<String, Json> values = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      Json value = value(parser, depth + 1);
      if (value == null) {
        return null;
      }
      values.put(name, value);
    }
    return new Fields(values);
  }

  private static @Nullable Json items(JsonParser parser, int depth) throws IOException {
    List<Json> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Json value = value(parser, depth + 1);
      if (value == null) {
        return null;
      }
      values.add(value);
    }
    return new Items(values);
  }

  /** The document as text. */
  default String written() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator generator = new JsonFactory().createGenerator(bytes)) {
      write(generator, this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Utf8.decode(bytes.toByteArray());
  }

  private static void write(JsonGenerator generator, Json value) throws IOException {
    switch (value) {
      case Fields fields -> {
        generator.writeStartObject();
        for (Map.Entry<String, Json> field : fields.values().entrySet()) {
          generator.writeFieldName(field.getKey());
          write(generator, field.getValue());
        }
        generator.writeEndObject();
      }
      case Items items -> {
        generator.writeStartArray();
        for (Json item : items.values()) {
          write(generator, item);
        }
        generator.writeEndArray();
      }
      case Text text -> generator.writeString(text.value());
      case Plain plain -> generator.writeRawValue(plain.raw());
    }
  }
}

package dev.jrunc.spec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes objects as Go's encoder does: fields in the order they are given, absent ones left out.
 * Each method that takes a name writes nothing where the value is null or empty.
 */
public final class JsonOutput {

  /** Writes the fields of one object. */
  public interface Fields {
    void write(JsonOutput out) throws IOException;
  }

  /** Writes one element of a list. */
  public interface Item<T> {
    void write(T item) throws IOException;
  }

  private final JsonGenerator generator;

  private JsonOutput(JsonGenerator generator) {
    this.generator = generator;
  }

  /** A whole document; {@code indent} of each level, empty for a compact one. */
  public static byte[] document(String indent, Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
    try (JsonGenerator generator = factory().createGenerator(bytes)) {
      if (!indent.isEmpty()) {
        generator.setPrettyPrinter(printer(indent));
      }
      new JsonOutput(generator).object(fields);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static JsonFactory factory() {
    return new JsonFactoryBuilder()
        .characterEscapes(new GoEscapes())
        .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
        .build();
  }

  private static DefaultPrettyPrinter printer(String indent) {
    DefaultIndenter lines = new DefaultIndenter(indent, "\n");
    Separators separators =
        Separators.createDefaultInstance()
            .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator("");
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter(separators);
    printer.indentObjectsWith(lines);
    printer.indentArraysWith(lines);
    return printer;
  }

  public void object(Fields fields) throws IOException {
    generator.writeStartObject();
    fields.write(this);
    generator.writeEndObject();
  }

  public void object(String name, Fields fields) throws IOException {
    generator.writeFieldName(name);
    object(fields);
  }

  /** Writes the fields of one value. */
  interface Body<T> {
    void write(JsonOutput out, T value) throws IOException;
  }

  /** An object, left out where it is null. */
  <T> void optional(String name, @Nullable T value, Body<T> body) throws IOException {
    if (value != null) {
      generator.writeFieldName(name);
      generator.writeStartObject();
      body.write(this, value);
      generator.writeEndObject();
    }
  }

  <T> void list(String name, List<T> items, Item<T> item) throws IOException {
    if (items.isEmpty()) {
      return;
    }
    generator.writeFieldName(name);
    generator.writeStartArray();
    for (T each : items) {
      item.write(each);
    }
    generator.writeEndArray();
  }

  /** A list that is written even where it is empty. */
  public <T> void array(String name, List<T> items, Item<T> item) throws IOException {
    generator.writeFieldName(name);
    generator.writeStartArray();
    for (T each : items) {
      item.write(each);
    }
    generator.writeEndArray();
  }

  void texts(String name, List<String> items) throws IOException {
    list(name, items, generator::writeString);
  }

  /** Written even where there are none. */
  void textsOrNone(String name, List<String> items) throws IOException {
    array(name, items, generator::writeString);
  }

  void numbers(String name, List<Long> items) throws IOException {
    list(name, items, generator::writeNumber);
  }

  /** A map, in the order of its keys as Go writes it. */
  void texts(String name, Map<String, String> items) throws IOException {
    if (items.isEmpty()) {
      return;
    }
    object(
        name,
        out -> {
          for (Map.Entry<String, String> item : new TreeMap<>(items).entrySet()) {
            generator.writeStringField(item.getKey(), item.getValue());
          }
        });
  }

  public void text(String name, @Nullable String value) throws IOException {
    if (value != null && !value.isEmpty()) {
      generator.writeStringField(name, value);
    }
  }

  /** Written even where it is empty. */
  public void required(String name, String value) throws IOException {
    generator.writeStringField(name, value);
  }

  public void required(String name, long value) throws IOException {
    generator.writeNumberField(name, value);
  }

  public void required(String name, boolean value) throws IOException {
    generator.writeBooleanField(name, value);
  }

  void number(String name, @Nullable Number value) throws IOException {
    if (value != null) {
      generator.writeNumberField(name, value.longValue());
    }
  }

  /** A number that is unsigned and may use the highest of its 64 bits. */
  void unsigned(String name, long value) throws IOException {
    generator.writeFieldName(name);
    generator.writeNumber(Long.toUnsignedString(value));
  }

  void unsignedOrAbsent(String name, @Nullable Long value) throws IOException {
    if (value != null) {
      unsigned(name, value);
    }
  }

  void flag(String name, @Nullable Boolean value) throws IOException {
    if (value != null) {
      generator.writeBooleanField(name, value);
    }
  }

  /** Written only where it is true. */
  void flagIfSet(String name, boolean value) throws IOException {
    if (value) {
      generator.writeBooleanField(name, true);
    }
  }
}

package dev.jrunc.image.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.failure.ImageFailure;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Map;

/**
 * The one way in which jimage reads and writes JSON trees: strictly.
 *
 * <p>A key given twice, or text after the end, is where two readers of one digest see two
 * documents.
 *
 * <p>Trees are made from the parser's tokens and written by the generator. An ObjectMapper does the
 * same, and looks into all that could be mapped first, which is a quarter of a short command.
 */
public final class Json {
  private static final int DEEPEST = 64;

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
          .build();

  private Json() {}

  public static ObjectNode newObject() {
    return NODES.objectNode();
  }

  public static ArrayNode newArray() {
    return NODES.arrayNode();
  }

  /** Reads an object; {@code what} names the document in the error. */
  public static JsonNode object(byte[] content, String what) {
    JsonNode tree = value(content, what);
    if (!tree.isObject()) {
      throw new ImageFailure(what + " is not a JSON object");
    }
    return tree;
  }

  /** Reads any value; one that is missing where there is no text. */
  public static JsonNode value(byte[] content, String what) {
    try (JsonParser parser = JSON.createParser(content)) {
      JsonNode tree = parser.nextToken() == null ? MissingNode.getInstance() : read(parser);
      if (parser.nextToken() != null) {
        throw new JsonParseException(parser, "Trailing text after the end of the document");
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw new ImageFailure(what + " is not valid JSON: " + firstLine(e), e);
    } catch (IOException e) {
      throw new ImageFailure(what + " cannot be read: " + e.getMessage(), e);
    }
  }

  // The parser refuses what is nested too deeply.
  private static JsonNode read(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        ObjectNode object = NODES.objectNode();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          object.set(key, read(parser));
        }
        yield object;
      }
      case START_ARRAY -> {
        ArrayNode array = NODES.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(read(parser));
        }
        yield array;
      }
      case VALUE_STRING -> NODES.textNode(parser.getText());
      case VALUE_NUMBER_INT ->
          switch (parser.getNumberType()) {
            case INT -> NODES.numberNode(parser.getIntValue());
            case LONG -> NODES.numberNode(parser.getLongValue());
            default -> NODES.numberNode(parser.getBigIntegerValue());
          };
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      default -> throw new JsonParseException(parser, "unexpected " + parser.currentToken());
    };
  }

  /** Over several lines, as people read it. */
  public static String pretty(JsonNode tree) {
    return write(tree, true);
  }

  /** In one line. */
  public static String line(JsonNode tree) {
    return write(tree, false);
  }

  private static String write(JsonNode tree, boolean indented) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(text)) {
      if (indented) {
        generator.setPrettyPrinter(new DefaultPrettyPrinter());
      }
      write(tree, generator);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  private static void write(JsonNode node, JsonGenerator to) throws IOException {
    switch (node.getNodeType()) {
      case OBJECT -> {
        to.writeStartObject();
        for (Map.Entry<String, JsonNode> each : node.properties()) {
          to.writeFieldName(each.getKey());
          write(each.getValue(), to);
        }
        to.writeEndObject();
      }
      case ARRAY -> {
        to.writeStartArray();
        for (JsonNode each : node) {
          write(each, to);
        }
        to.writeEndArray();
      }
      case STRING -> to.writeString(node.textValue());
      case BOOLEAN -> to.writeBoolean(node.booleanValue());
      case NULL -> to.writeNull();
      case NUMBER -> {
        switch (node.numberType()) {
          case INT -> to.writeNumber(node.intValue());
          case LONG -> to.writeNumber(node.longValue());
          case BIG_INTEGER -> to.writeNumber(node.bigIntegerValue());
          default -> to.writeNumber(node.doubleValue());
        }
      }
      default -> throw new IllegalStateException("no JSON: " + node.getNodeType());
    }
  }

  private static String firstLine(JsonProcessingException e) {
    String where =
        e.getLocation() == null
            ? ""
            : " (line %d, column %d)"
                .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
    return e.getOriginalMessage().lines().findFirst().orElse("broken") + where;
  }
}

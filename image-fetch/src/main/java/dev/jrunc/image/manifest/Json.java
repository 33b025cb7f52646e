package dev.jrunc.image.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jrunc.image.failure.ImageFailure;
import java.io.IOException;

/**
 * The one way in which jimage reads and writes JSON trees: strictly.
 *
 * <p>A key given twice, or text after the end, is where two readers of one digest see two
 * documents.
 */
public final class Json {
  private static final int DEEPEST = 64;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  public static JsonMapper mapper() {
    return MAPPER;
  }

  /** Reads an object; {@code what} names the document in the error. */
  public static JsonNode object(byte[] content, String what) {
    try {
      JsonNode tree = MAPPER.readTree(content);
      if (tree == null || !tree.isObject()) {
        throw new ImageFailure(what + " is not a JSON object");
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw new ImageFailure(what + " is not valid JSON: " + firstLine(e), e);
    } catch (IOException e) {
      throw new ImageFailure(what + " cannot be read: " + e.getMessage(), e);
    }
  }

  public static String pretty(JsonNode tree) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
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

package dev.jrunc.runtime.nativetest;

import static dev.jrunc.runtime.nativetest.Main.check;
import static dev.jrunc.runtime.nativetest.Main.equal;
import static dev.jrunc.runtime.nativetest.Main.fails;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamReadException;
import dev.jrunc.runtime.nativetest.Main.Named;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** jackson-core over the stand-ins of dev.jrunc.runtime.shim. */
final class JsonCases {
  private JsonCases() {}

  static List<Named> all() {
    return List.of(
        new Named("a document is read token by token", JsonCases::tokens),
        new Named("escapes and UTF-8 are read", JsonCases::escapes),
        new Named("a pointer names the place of a token", JsonCases::pointer),
        new Named("a key given twice is refused", JsonCases::duplicate),
        new Named("nesting beyond the bound is refused", JsonCases::nesting),
        new Named("malformed documents are refused", JsonCases::malformed),
        new Named("what is written is what is read", JsonCases::written));
  }

  private static JsonParser parser(String text) throws IOException {
    return JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(50).build())
        .build()
        .createParser(text.getBytes(StandardCharsets.UTF_8));
  }

  private static int count(String text) throws IOException {
    try (JsonParser parser = parser(text)) {
      int tokens = 0;
      while (parser.nextToken() != null) {
        tokens++;
      }
      return tokens;
    }
  }

  private static void tokens() throws IOException {
    equal(12, count("{\"a\":[1,-2.5e3,true,null],\"b\":{}}"));
  }

  private static void escapes() throws IOException {
    try (JsonParser parser = parser("[\"\\u20ac\\n\\/\\\"\", \"\u00e4\u20ac\ud83d\ude00\"]")) {
      parser.nextToken();
      parser.nextToken();
      equal("\u20ac\n/\"", parser.getText());
      parser.nextToken();
      equal("\u00e4\u20ac\ud83d\ude00", parser.getText());
    }
  }

  private static void pointer() throws IOException {
    try (JsonParser parser = parser("{\"mounts\":[{},\n{\"type\":5}]}")) {
      JsonToken token;
      do {
        token = parser.nextToken();
      } while (token != JsonToken.VALUE_NUMBER_INT);
      equal("/mounts/1/type", parser.getParsingContext().pathAsPointer().toString());
      equal(2, parser.currentTokenLocation().getLineNr());
    }
  }

  private static void duplicate() {
    fails(StreamReadException.class, () -> count("{\"a\":1,\"a\":2}"));
  }

  private static void nesting() {
    fails(IOException.class, () -> count("[".repeat(100) + "]".repeat(100)));
  }

  private static void malformed() {
    for (String text :
        List.of("{", "{\"a\"}", "[1,]", "{a:1}", "\"", "nul", "[1 2]", "{'a':1}", "\u0001")) {
      fails(IOException.class, () -> count(text));
    }
  }

  private static void written() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator generator = new JsonFactory().createGenerator(out)) {
      generator.writeStartObject();
      generator.writeStringField("text", "a\"\\\n\u0001\u20ac");
      generator.writeNumberField("number", Long.MIN_VALUE);
      generator.writeEndObject();
    }
    String text = out.toString(StandardCharsets.UTF_8);
    check(text.indexOf("\\u0001") > 0, text);
    try (JsonParser parser = parser(text)) {
      parser.nextToken();
      parser.nextToken();
      parser.nextToken();
      equal("a\"\\\n\u0001\u20ac", parser.getText());
      parser.nextToken();
      parser.nextToken();
      equal(Long.MIN_VALUE, parser.getLongValue());
    }
  }
}

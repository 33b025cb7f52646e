package dev.jrunc.runtime.cli;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.spec.DefaultSpec;
import dev.jrunc.spec.SpecWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Configs good and bad: those of bundle-spec's tests, the specification's, and hostile ones. */
final class Corpus {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Path SPEC = Path.of("..", "bundle-spec", "src", "test", "resources");

  /** A config by name. */
  record Entry(String name, byte[] config) {}

  private final List<Entry> entries = new ArrayList<>();

  private Corpus() {}

  static List<Entry> all() throws IOException {
    Corpus corpus = new Corpus();
    corpus.good();
    corpus.table("shape.txt");
    corpus.table("rules.txt");
    corpus.hostile();
    corpus.folder(shared().resolve("runtime-spec-schema/schema/test/config/good"));
    corpus.folder(shared().resolve("runtime-spec-schema/schema/test/config/bad"));
    corpus.folder(shared().resolve("podman-bundle"));
    return corpus.entries;
  }

  private static Path shared() {
    return Path.of(System.getProperty("jrunc.shared", "../../shared")).resolve("data");
  }

  private void add(String name, byte[] config) {
    entries.add(new Entry(name, config));
  }

  private void add(String name, String config) {
    add(name, config.getBytes(StandardCharsets.UTF_8));
  }

  private void good() throws IOException {
    add("default for v1", SpecWriter.config(DefaultSpec.forRoot(false), "\t"));
    add("default for v2", SpecWriter.config(DefaultSpec.forRoot(true), "\t"));
    add("rootless", SpecWriter.config(DefaultSpec.rootless(1000, 1000, false), "\t"));
    add("everything", Files.readAllBytes(SPEC.resolve("golden/config/everything.json")));
    add("podman", Files.readAllBytes(Path.of("src/test/resources/plans/podman.json")));
  }

  private void folder(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
          add(file.toString(), Files.readAllBytes(file));
        }
      }
    }
  }

  // name | pointer into everything.json | value put there (- takes it away) | ...
  private void table(String name) throws IOException {
    for (String line : Files.readAllLines(SPEC.resolve("malformed").resolve(name))) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] row = line.split(" \\| ", -1);
        add(name + ": " + row[0], changed(row[1], row[2]));
      }
    }
  }

  private static byte[] changed(String pointer, String value) throws IOException {
    JsonNode root = MAPPER.readTree(SPEC.resolve("golden/config/everything.json").toFile());
    JsonPointer place = JsonPointer.compile(pointer);
    String last = place.last().getMatchingProperty();
    boolean gone = value.equals("-");
    switch (root.at(place.head())) {
      case ObjectNode object when gone -> object.remove(last);
      case ObjectNode object -> object.set(last, MAPPER.readTree(value));
      case ArrayNode array when gone -> array.remove(Integer.parseInt(last));
      case ArrayNode array when Integer.parseInt(last) < array.size() ->
          array.set(Integer.parseInt(last), MAPPER.readTree(value));
      case ArrayNode array -> array.add(MAPPER.readTree(value));
      default -> throw new IllegalArgumentException("nothing at " + pointer);
    }
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
  }

  private void hostile() {
    add("empty", "");
    add("blank", " \n\t ");
    add("null", "null");
    add("a number", "17");
    add("an empty object", "{}");
    add("broken off", "{\"ociVersion\":\"1.0.2\",\"process\":{");
    add("a comma too many", "{\"ociVersion\":\"1.0.2\",}");
    add("more than one document", "{\"ociVersion\":\"1.0.2\"} {}");
    add("deep lists", "{\"mounts\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
    add("deep objects", "{\"a\":".repeat(50_000) + "1" + "}".repeat(50_000));
    add("a byte order mark", "\ufeff{\"ociVersion\":\"1.0.2\"}");
    add("UTF-16", "{\"ociVersion\":\"1.0.2\"}".getBytes(StandardCharsets.UTF_16));
    add("half a sequence", new byte[] {'{', '"', (byte) 0xc3, '"', ':', '1', '}'});
    add(
        "an overlong sequence",
        new byte[] {'{', '"', (byte) 0xc0, (byte) 0x80, '"', ':', '1', '}'});
    add("half a surrogate pair", "{\"ociVersion\":\"\\ud800\"}");
    add("a NUL", "{\"ociVersion\":\"1.0.2\\u0000\"}");
    add("control characters", "{\"ociVersion\":\"\\u001b[2J\\n\",\"\\u001b[31m\":1}");
    add(
        "keys given twice",
        "{\"ociVersion\":\"1.0.2\",\"ociVersion\":\"1.0.2\",\"root\":{},\"root\":1}");
    add("a large number", "{\"ociVersion\":" + "9".repeat(100_000) + "}");
    add("a large exponent", "{\"process\":{\"user\":{\"uid\":1e999999999}}}");
    add("a long string", "{\"ociVersion\":\"" + "x".repeat(1 << 20) + "\"}");
    add("a long key", "{\"" + "k".repeat(200_000) + "\":1}");
    add("many unknown keys", many("\"k%d\":1", 20_000, "{", "}"));
    add("many wrong mounts", many("%d", 100_000, "{\"mounts\":[", "]}"));
    add(
        "many mounts",
        many(
            "{\"destination\":\"/d%d\",\"type\":\"bind\",\"source\":\"/nowhere\","
                + "\"options\":[\"bind\",\"what\"]}",
            20_000,
            "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},\"process\":{\"cwd\":\"/\","
                + "\"args\":[\"a\"]},\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]},"
                + "\"mounts\":[",
            "]}"));
    add("too large", " ".repeat((4 << 20) + 1));
    add("just not too large", "[" + " ".repeat((4 << 20) - 2) + "]");
    add("numbers with letters", "{\"ociVersion\":0x10}");
    add("not a number", "{\"process\":{\"user\":{\"uid\":NaN}}}");
    add(
        "text that is not ASCII",
        "{\"ociVersion\":\"\u00e4\u20ac\ud83d\ude00\",\"pr\u00f6cess\":1}");
  }

  private static String many(String pattern, int count, String before, String after) {
    StringBuilder text = new StringBuilder(before);
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : ",").append(pattern.replace("%d", Integer.toString(i)));
    }
    return text.append(after).toString();
  }
}

package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Configs that no runtime may take: each is refused, none crashes or hangs it. */
final class MalformedCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MalformedCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("a malformed config is refused where it is wrong", "ours", MalformedCases::places),
        Case.of("what is no config is refused", "config.md", MalformedCases::noConfigs));
  }

  /** One line of {@code malformed-configs.txt}. */
  private record Malformed(String at, String value, String pointer) {
    static Malformed of(String line) {
      int arrow = line.indexOf(" => ");
      String change = arrow < 0 ? line : line.substring(0, arrow);
      String at = change.substring(0, change.indexOf(' '));
      return new Malformed(
          at, change.substring(at.length() + 1), arrow < 0 ? at : line.substring(arrow + 4));
    }

    void apply(ObjectNode config) {
      String[] names = at.substring(1).split("/", -1);
      ObjectNode parent = config;
      for (int i = 0; i < names.length - 1; i++) {
        JsonNode child = parent.path(names[i]);
        parent = child.isObject() ? (ObjectNode) child : parent.putObject(names[i]);
      }
      String last = names[names.length - 1];
      if (value.equals("absent")) {
        parent.remove(last);
        return;
      }
      try {
        parent.set(last, JSON.readTree(value));
      } catch (IOException e) {
        throw new IllegalStateException(value, e);
      }
    }
  }

  private static List<Malformed> corpus() throws IOException {
    try (InputStream in = MalformedCases.class.getResourceAsStream("malformed-configs.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> line.startsWith("/")).map(Malformed::of).toList();
    }
  }

  private static void places(Sandbox place) throws IOException {
    assume(!place.isRunc(), "runc 1.1.5 takes many of these, and names no place");
    Path file = place.bundle().resolve("config.json");
    String good = Files.readString(file);
    List<String> wrong = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    List<Malformed> corpus = corpus();
    that(corpus.size() >= 150, "only " + corpus.size() + " configs");
    for (Malformed each : corpus) {
      Files.writeString(file, good);
      place.config(each::apply);
      Command.Outcome validate = place.runtime("validate", "--json", ".").run();
      ids.add(place.container());
      Command.Outcome create = place.runtime("create", ids.getLast()).run();
      boolean found = false;
      for (JsonNode finding : JSON.readTree(validate.out()).path("findings")) {
        found |=
            finding.path("kind").asText().equals("violation")
                && finding.path("pointer").asText().equals(each.pointer());
      }
      if (!found || validate.code() != 1) {
        wrong.add(each + ": validate says " + validate.out());
      }
      if (create.code() != 1 || !create.err().contains(each.pointer())) {
        wrong.add(each + ": create ended with " + create.code() + " and said " + create.err());
      }
    }
    wrong.add(place.leftovers(ids));
    wrong.removeIf(String::isEmpty);
    that(wrong.isEmpty(), wrong.size() + " of them:\n" + String.join("\n", wrong));
  }

  private static void noConfigs(Sandbox place) throws IOException {
    Path file = place.bundle().resolve("config.json");
    byte[] good = Files.readAllBytes(file);
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, byte[]> each : documents(good).entrySet()) {
      Files.write(file, each.getValue());
      refused(place, each.getKey(), wrong);
    }
    for (Map.Entry<String, byte[]> each : ours(good).entrySet()) {
      Files.write(file, each.getValue());
      if (!place.isRunc()) {
        refused(place, each.getKey(), wrong);
      }
    }
    Files.delete(file);
    refused(place, "no file", wrong);
    Files.createDirectory(file);
    refused(place, "a folder", wrong);
    Files.delete(file);
    if (!place.isRunc()) {
      // runc waits for a writer for ever.
      Command.of("mkfifo", file.toString()).run().ok();
      refused(place, "a FIFO", wrong);
      Files.delete(file);
      Files.createSymbolicLink(file, Path.of("/dev/zero"));
      refused(place, "a device", wrong);
    }
    that(wrong.isEmpty(), String.join("\n", wrong));
  }

  private static void refused(Sandbox place, String what, List<String> wrong) {
    String id = place.container();
    Command.Outcome create = place.runtime("create", id).run();
    String left = place.leftovers(List.of(id));
    if (create.code() != 1 || create.err().isBlank() || !left.isEmpty()) {
      wrong.add(what + ": create ended with " + create.code() + " and said " + create.all() + left);
    }
    if (!place.isRunc()) {
      Command.Outcome validate = place.runtime("validate", "--json", ".").run();
      if (validate.code() != 1 || !validate.out().contains("\"violation\"")) {
        wrong.add(what + ": validate says " + validate.all());
      }
    }
  }

  /** What runc takes, or reads to the end. */
  private static Map<String, byte[]> ours(byte[] good) {
    String text = new String(good, StandardCharsets.UTF_8);
    Map<String, byte[]> documents = new LinkedHashMap<>();
    documents.put("five megabytes of spaces", bytes(text + " ".repeat(5 << 20)));
    documents.put(
        "a name of five megabytes",
        bytes(text.replaceFirst("\\{", "{\"" + "x".repeat(5 << 20) + "\": 1,")));
    documents.put(
        "a key given twice", bytes(text.replaceFirst("\\{", "{\"ociVersion\": \"1.0.0\",")));
    documents.put("two documents", bytes(text + text));
    byte[] broken = bytes(text.replaceFirst("runc", "r?nc"));
    for (int i = 0; i < broken.length; i++) {
      broken[i] = broken[i] == '?' ? (byte) 0xff : broken[i];
    }
    documents.put("a byte that is no UTF-8", broken);
    return documents;
  }

  private static Map<String, byte[]> documents(byte[] good) {
    String text = new String(good, StandardCharsets.UTF_8);
    String head = "{\"ociVersion\":\"1.0.2\",\"hostname\":";
    Map<String, byte[]> documents = new LinkedHashMap<>();
    documents.put("nothing", new byte[0]);
    documents.put("spaces", bytes(" \n\t"));
    documents.put("an array", bytes("[]"));
    documents.put("a number", bytes("7"));
    documents.put("a text", bytes("\"config\""));
    documents.put("an empty object", bytes("{}"));
    documents.put("half of one", bytes(text.substring(0, text.length() / 2)));
    documents.put("all but the last bracket", bytes(text.strip().substring(0, text.length() - 2)));
    documents.put("text without an end", bytes("{\"ociVersion\":\"1.0"));
    documents.put("a comment", bytes("/* config */ " + text));
    documents.put("single quotes", bytes(text.replace('"', '\'')));
    documents.put("a comma too many", bytes("{\"ociVersion\":\"1.0.2\",}"));
    documents.put("NaN", bytes("{\"ociVersion\":NaN}"));
    documents.put("a number with a leading zero", bytes(head + "01}"));
    documents.put("a lone escape", bytes(head + "\"\\x\"}"));
    documents.put("a control character", bytes(head + "\"a\u0001b\"}"));
    documents.put("zeros", new byte[4096]);
    documents.put("UTF-16", text.getBytes(StandardCharsets.UTF_16LE));
    documents.put("a program", new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0});
    documents.put("deep arrays", bytes("[".repeat(200_000)));
    documents.put("deep objects", bytes("{\"a\":".repeat(200_000)));
    documents.put("depth in an annotation", bytes(head + "[".repeat(100_000)));
    return documents;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

package dev.jrunc.image.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import dev.jrunc.image.layer.RawTar;
import dev.jrunc.image.registry.FaultyRegistry;
import dev.jrunc.image.registry.TestImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a registry says beside its answers. */
class RegistryWordsTest {
  private static final String MANIFEST = "/v2/demo/manifests/latest";

  @TempDir Path folder = Path.of("unset");

  private record Outcome(String out, String err) {}

  @Test
  void saysWhatTheRegistryAllows() throws IOException {
    try (FaultyRegistry registry = demo()) {
      FaultyRegistry.Fault limited =
          FaultyRegistry.status(
              200,
              "ratelimit-limit",
              "100;w=21600",
              "ratelimit-remaining",
              "76;w=21600",
              "docker-ratelimit-source",
              "192.0.2.1");
      registry.fail(MANIFEST, limited, limited);
      String name = registry.host() + "/demo";
      assertEquals(
          registry.host() + ": 76 of 100 pulls left in 21600 s for 192.0.2.1\n",
          fine("ratelimit", name).out);
      JsonNode tree = json(fine("ratelimit", "--json", name));
      assertEquals(100, tree.path("limit").asInt());
      assertEquals(76, tree.path("remaining").asInt());
      assertEquals(21600, tree.path("windowSeconds").asInt());
    }
  }

  @Test
  void hasAllKeysWhereTheRegistrySaysNothing() throws IOException {
    try (FaultyRegistry registry = demo()) {
      JsonNode tree = json(fine("ratelimit", "--json", registry.host() + "/demo"));
      assertEquals(false, tree.path("limited").asBoolean(true));
      for (String key : List.of("limit", "remaining", "windowSeconds")) {
        assertTrue(tree.has(key) && tree.get(key).isNull(), key + ": " + tree);
      }
      assertTrue(fine("ratelimit", registry.host() + "/demo").out.contains("names no limit"));
    }
  }

  // RFC 7234, 5.5; distribution-spec, "Warnings".
  @Test
  void showsAWarningOnce() throws IOException {
    try (FaultyRegistry registry = demo()) {
      registry.fail(MANIFEST, RegistryWordsTest::warn, RegistryWordsTest::warn);
      String said = fine("pull", registry.host() + "/demo", "--platform=linux/amd64").err;
      assertEquals(2, said.split("moves to another house", -1).length, said);
    }
  }

  private static void warn(HttpExchange exchange, byte[] content) throws IOException {
    exchange.getResponseHeaders().add("Warning", "299 - \"moves to another house\"");
    exchange.getResponseHeaders().add("Warning", "299 - \"moves to another house\"");
    exchange.getResponseHeaders().add("Content-Type", new TestImage().type());
    FaultyRegistry.send(exchange, 200, content);
  }

  @Test
  void keepsATokenForAMinuteAtLeast() throws IOException {
    try (FaultyRegistry registry = demo()) {
      registry.wantTokens("");
      registry.lendToken();
      byte[] hasty = "{\"token\":\"token0\",\"expires_in\":1}".getBytes(StandardCharsets.UTF_8);
      registry.fail("/token", (exchange, _) -> FaultyRegistry.send(exchange, 200, hasty));
      fine("pull", registry.host() + "/demo", "--platform=linux/amd64");
      assertEquals(1, registry.seen("/token").size());
    }
  }

  private FaultyRegistry demo() throws IOException {
    FaultyRegistry registry = new FaultyRegistry();
    registry.push("demo", "latest", new TestImage().gzip(new RawTar().file("f", "x").bytes()));
    return registry;
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    return new ObjectMapper().readTree(outcome.out);
  }

  private Outcome fine(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("--store", folder.resolve("store").toString()));
    all.addAll(List.of(arguments));
    int code =
        JimageCommand.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(all.toArray(new String[0]));
    assertEquals(0, code, err.toString());
    return new Outcome(out.toString(), err.toString());
  }
}

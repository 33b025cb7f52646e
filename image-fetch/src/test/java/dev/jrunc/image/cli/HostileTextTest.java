package dev.jrunc.image.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.layer.RawTar;
import dev.jrunc.image.registry.FaultyRegistry;
import dev.jrunc.image.registry.TestImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image, a registry and an archive whose every word commands the terminal. */
class HostileTextTest {
  private static final String CODE = "\\u001b[2J\\u009b1m\\u202e\\n";
  private static final String HIDDEN = "\\x1b[2J\\x9b1m\\u202e\\n";

  @TempDir Path folder = Path.of("unset");

  private record Outcome(int code, String out, String err) {}

  @Test
  void ofAnImageReachesNoTerminal() throws IOException {
    try (FaultyRegistry registry = new FaultyRegistry()) {
      TestImage image =
          new TestImage()
              .architecture("x" + CODE)
              .with("'created':'now" + CODE + "'")
              .settings("'La" + CODE + "':{'k':'v" + CODE + "'}")
              .gzip(new RawTar().file("f\u001b[2J", "x").bytes());
      registry.push("demo", "a", image);
      registry.push("demo", "b", new TestImage().gzip(new RawTar().file("g", "x").bytes()));
      String name = registry.host() + "/demo:";
      fine("pull", name + "a");
      fine("pull", name + "b", "--platform=linux/amd64");
      shows(fine("images"));
      shows(fine("inspect", name + "a"));
      shows(fine("inspect", "--remote", name + "a"));
      shows(fine("diff", name + "a", name + "b"));
      fine("du");
      fine("verify", name + "a");
      fine("images", "--json");
      fine("inspect", "--json", name + "a");
      fine("diff", "--json", name + "a", name + "b");
    }
  }

  @Test
  void ofARegistryReachesNoTerminal() throws IOException {
    try (FaultyRegistry registry = new FaultyRegistry()) {
      byte[] tags = ("{'tags':['t" + CODE + "']}").replace('\'', '"').getBytes(UTF_8);
      registry.fail(
          "/v2/demo/tags/list",
          (exchange, _) -> FaultyRegistry.send(exchange, 200, tags),
          (exchange, _) -> FaultyRegistry.send(exchange, 200, tags));
      shows(fine("tags", registry.host() + "/demo"));
      fine("tags", "--json", registry.host() + "/demo");
      byte[] error =
          ("{'errors':[{'code':'DENIED','message':'no" + CODE + "'}]}")
              .replace('\'', '"')
              .getBytes(UTF_8);
      registry.fail(
          "/v2/demo/manifests/latest",
          (exchange, _) -> FaultyRegistry.send(exchange, 403, error),
          (exchange, _) -> FaultyRegistry.send(exchange, 403, error));
      shows(run(1, "pull", registry.host() + "/demo"));
    }
  }

  @Test
  void ofAnArchiveReachesNoTerminal() throws IOException {
    Path file = folder.resolve("a.tar");
    Files.write(
        file, new RawTar().file("manifest.json", "[{\"RepoTags\":[\"t" + CODE + "\"]}]").bytes());
    shows(run(1, "copy", "docker-archive:" + file + ":other", "oci:" + folder + "/layout"));
    Files.write(
        file, new RawTar().file("index.json", "{\"" + CODE.replace("\\u001b", "\u001b")).bytes());
    Outcome broken = run(1, "copy", "oci-archive:" + file, "oci:" + folder + "/layout");
    assertTrue(broken.err.contains("is not valid JSON"), broken.err);
  }

  @Test
  void ofThePersonIsNoReasonForAStackTrace() {
    for (String name :
        List.of(
            "[1]:5000/x",
            "[::1::2]/x",
            "1.2.3.4.5/foo",
            "foo.123/bar",
            "300.1.1.1/x",
            "\u00fc/x",
            "a\u0001b",
            "%41/x",
            "http://localhost:9/x",
            "@",
            ":",
            "[",
            "x@sha256:",
            "a".repeat(5000))) {
      for (String command :
          List.of("pull", "push", "tags", "inspect", "rm", "verify", "ratelimit")) {
        sentence(command, name);
      }
      sentence("bundle", name, folder.resolve("b").toString());
      sentence("inspect", "--remote", name);
      sentence("diff", name, name);
      sentence("tag", name, name);
      sentence("copy", name, "oci:" + folder.resolve("there"));
      sentence("copy", "docker-archive:/dev/null:" + name, "oci:" + folder.resolve("there"));
      sentence("copy", "oci:" + name, "oci-archive:" + name);
      sentence("login", "-q", "-u", "x", "-p", "y", name);
      sentence("logout", "--authfile", folder + "/none", name);
      sentence("pull", "--platform", name, "127.0.0.1:9/demo");
      sentence("pull", "--mirror", name, "127.0.0.1:9/demo");
      sentence("verify", "./" + name);
      sentence("mount", "./" + name);
      sentence("unbundle", "./" + name);
    }
  }

  private void sentence(String... arguments) {
    Outcome outcome = run(1, arguments);
    String said = Visible.of(String.join(" ", arguments) + ": " + outcome.err);
    assertTrue(outcome.err.startsWith("jimage: "), said);
    assertEquals(1, outcome.err.lines().count(), said);
    assertTrue(!outcome.err.contains("fault of jimage"), said);
  }

  /** A damaged image is named, and does not hide the others. */
  @Test
  void isNotAllThatImagesCanTell() throws IOException {
    try (FaultyRegistry registry = new FaultyRegistry()) {
      String name = registry.host() + "/demo:";
      for (String tag : List.of("a", "b", "c")) {
        registry.push("demo", tag, new TestImage().gzip(new RawTar().file(tag, "x").bytes()));
        fine("pull", name + tag, "--platform=linux/amd64");
      }
      String digest = fine("images", "--json").out.split(name + "b")[1].split("sha256:")[1];
      Files.delete(folder.resolve("store/blobs/sha256").resolve(digest.substring(0, 64)));
      Outcome list = run(1, "images");
      assertEquals(4, list.out.lines().count(), list.out);
      assertTrue(list.out.lines().toList().get(2).contains("damaged"), list.out);
      assertTrue(list.err.contains("image \"" + name + "b\" is damaged: "), list.err);
      assertTrue(list.err.contains("jimage verify " + name + "b says all"), list.err);
      Outcome json = run(1, "images", "--json");
      assertTrue(json.out.contains("\"size\" : null"), json.out);
      assertTrue(json.out.contains(name + "c"), json.out);
    }
  }

  private static void shows(Outcome outcome) {
    assertTrue(
        (outcome.out + outcome.err)
            .toLowerCase(Locale.ROOT)
            .contains(HIDDEN.toLowerCase(Locale.ROOT)),
        outcome.out + outcome.err);
  }

  private Outcome fine(String... arguments) {
    Outcome outcome = run(-1, arguments);
    assertTrue(outcome.code == 0, outcome.err);
    return outcome;
  }

  private Outcome run(int code, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("--store", folder.resolve("store").toString()));
    all.addAll(List.of(arguments));
    int actual =
        JimageCommand.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(all.toArray(new String[0]));
    if (code >= 0) {
      assertEquals(code, actual, out.toString() + err);
    }
    Stream.of(out, err)
        .flatMap(text -> text.toString().lines())
        .forEach(line -> assertEquals(Visible.of(line), line, String.join(" ", arguments)));
    return new Outcome(actual, out.toString(), err.toString());
  }
}

package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.registry.DemoImage;
import dev.jrunc.conformance.registry.FaultProxy;
import dev.jrunc.conformance.registry.ImageMaker;
import dev.jrunc.conformance.registry.TokenServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

/** Images on their way, with skopeo as the judge of what arrives. */
final class CopyCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private CopyCases() {}

  static List<ImageCase> all() {
    return List.of(
        new ImageCase("push mounts and skips what is there", CopyCases::push),
        new ImageCase("copy --all keeps an index as it is", CopyCases::index),
        new ImageCase("copy to every form, read by skopeo", CopyCases::out),
        new ImageCase("copy from every form, written by skopeo", CopyCases::in),
        new ImageCase("copy --format writes as Docker and as the OCI", CopyCases::format),
        new ImageCase("an upload that breaks off goes on", CopyCases::broken),
        new ImageCase("tag, du, diff and gc", CopyCases::store),
        new ImageCase("inspect --remote pulls nothing", CopyCases::remote));
  }

  private static Command jimage(Place place, String... words) throws IOException {
    return place.jimage(words).with("REGISTRY_AUTH_FILE", auth(place).toString());
  }

  private static Path auth(Place place) throws IOException {
    Path file = place.folder().resolve("auth.json");
    String pair = TokenServer.USER + ":" + TokenServer.PASSWORD;
    String encoded = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        file,
        "{\"auths\":{\"127.0.0.1:%d\":{\"auth\":\"%s\"}}}"
            .formatted(place.registry().port(), encoded));
    return file;
  }

  private static JsonNode skopeo(String place, String... more) throws IOException {
    List<String> words = Command.words(List.of("skopeo", "inspect"), more);
    boolean remote = place.startsWith("docker://");
    List<String> all =
        remote ? Command.words(words, "--tls-verify=false", place) : Command.words(words, place);
    return JSON.readTree(Command.of(all).run().ok().out());
  }

  private static void push(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    place.jimage("pull", "-q", place.image("demo")).run().ok();
    String digest = digest(place, "demo");
    JsonNode pushed =
        JSON.readTree(
            jimage(place, "push", "--json", place.image("demo"), place.image("other/name:1"))
                .run()
                .ok()
                .out());
    equal(digest, pushed.path("digest").asText(), "the digest");
    equal(
        digest,
        skopeo("docker://" + place.image("other/name:1")).path("Digest").asText(),
        "what skopeo finds");
    JsonNode again =
        JSON.readTree(
            jimage(place, "push", "--json", place.image("demo"), place.image("other/name:2"))
                .run()
                .ok()
                .out());
    equal(0, again.path("movedBytes").asInt(), "the bytes moved again");
    // From one repository of the registry to another nothing is moved: the blobs are mounted.
    JsonNode mounted =
        JSON.readTree(
            jimage(place, "copy", "--json", place.image("other/name:1"), place.image("third:1"))
                .run()
                .ok()
                .out());
    equal(0, mounted.path("movedBytes").asInt(), "the bytes moved by a mount");
    contains(jimage(place, "tags", place.image("other/name")).run().ok().out(), "2");
  }

  private static String digest(Place place, String name) throws IOException {
    return JSON.readTree(place.jimage("inspect", "--json", place.image(name)).run().ok().out())
        .path("digest")
        .asText();
  }

  private static void index(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    jimage(place, "copy", "-q", "--all", place.image("demo"), place.image("all:1")).run().ok();
    String layout = "oci:" + place.folder().resolve("layout") + ":all";
    jimage(place, "copy", "-q", "--all", place.image("all:1"), layout).run().ok();
    String before = raw("docker://" + place.image("demo"));
    equal(before, raw("docker://" + place.image("all:1")), "the index in the registry");
    equal(before, raw(layout), "the index in the layout");
    Command.of("skopeo", "copy", "--all", layout, "oci:" + place.folder().resolve("copied") + ":x")
        .run()
        .ok();
  }

  private static String raw(String place) {
    List<String> words =
        place.startsWith("docker://")
            ? List.of("skopeo", "inspect", "--raw", "--tls-verify=false", place)
            : List.of("skopeo", "inspect", "--raw", place);
    return Command.of(words).run().ok().out();
  }

  private static void out(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    place.jimage("pull", "-q", place.image("demo")).run().ok();
    String digest = digest(place, "demo");
    String stored = "store:" + place.image("demo");
    for (String form : new String[] {"oci:%s/layout:a", "oci-archive:%s/a.tar:a"}) {
      String target = form.formatted(place.folder());
      place.jimage("copy", "-q", stored, target).run().ok();
      equal(digest, skopeo(target).path("Digest").asText(), "the digest in " + target);
    }
    String saved = "docker-archive:" + place.folder().resolve("saved.tar");
    place.jimage("copy", "-q", stored, saved + ":demo:1").run().ok();
    JsonNode config = skopeo(saved, "--config");
    equal("linux", config.path("os").asText(), "the system of the saved image");
    String layout = "oci:" + place.folder().resolve("back") + ":a";
    Command.of("skopeo", "copy", saved + ":demo:1", layout).run().ok();
    place.jimage("copy", "-q", stored, saved + ":demo:1").run().code(1).says("is there already");
  }

  private static void in(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    String source = "docker://" + place.image("demo");
    place.jimage("pull", "-q", place.image("demo")).run().ok();
    String config = place.jimage("inspect", "--json", place.image("demo")).run().ok().out();
    for (String form :
        new String[] {
          "oci:%s/theirs:a", "oci-archive:%s/theirs.tar:a", "docker-archive:%s/saved.tar:demo:1"
        }) {
      String theirs = form.formatted(place.folder());
      Command.of("skopeo", "copy", "--src-tls-verify=false", source, theirs).run().ok();
      place.jimage("copy", "-q", theirs, "store:copied.example/demo:1").run().ok();
      String copied = place.jimage("inspect", "--json", "copied.example/demo:1").run().ok().out();
      equal(
          JSON.readTree(config).path("config"),
          JSON.readTree(copied).path("config"),
          "the settings from " + theirs);
      equal(
          JSON.readTree(config).path("layers").findValuesAsText("diffId"),
          JSON.readTree(copied).path("layers").findValuesAsText("diffId"),
          "the diff_ids from " + theirs);
      jimage(place, "copy", "-q", theirs, place.image("again:1")).run().ok();
      skopeo("docker://" + place.image("again:1"));
    }
  }

  private static void format(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    String source = place.image("demo");
    String docker = place.image("docker:1");
    jimage(place, "copy", "-q", "--all", "--format", "v2s2", source, docker).run().ok();
    JsonNode list = JSON.readTree(raw("docker://" + docker));
    contains(list.path("mediaType").asText(), "manifest.list.v2+json");
    contains(list.at("/manifests/0/mediaType").asText(), "docker.distribution.manifest.v2");
    Command.of(
            "skopeo",
            "copy",
            "--src-tls-verify=false",
            "docker://" + docker,
            "docker-archive:" + place.folder().resolve("theirs.tar"))
        .run()
        .ok();
    // There and back: umoci reads the OCI's types alone, and skopeo finds every digest right.
    String layout = "oci:" + place.folder().resolve("layout") + ":it";
    jimage(place, "copy", "-q", "--format", "oci", docker, layout).run().ok();
    skopeo(layout);
    Path theirs = place.folder().resolve("umoci");
    Command.of("umoci", "unpack", "--image", layout.substring(4), theirs.toString()).run().ok();
    place.jimage("pull", "-q", source).run().ok();
    place.jimage("bundle", source, "ours").run().ok();
    equal(
        ImageCases.tree(theirs.resolve("rootfs")),
        ImageCases.tree(place.folder().resolve("ours/rootfs")),
        "the tree");
    // What is in the format already stays as it is.
    jimage(place, "copy", "-q", "--all", "--format", "oci", source, place.image("same:1"))
        .run()
        .ok();
    equal(raw("docker://" + source), raw("docker://" + place.image("same:1")), "the index");
    jimage(place, "copy", "--format", "v1", source, layout).run().code(2).says("oci, v2s2");
  }

  private static void broken(Place place) throws Exception {
    byte[] noise = new byte[8 << 20];
    new java.util.Random(1).nextBytes(noise);
    place.push("big", new ImageMaker().file("noise", 0644, noise).tar());
    place.jimage("pull", "-q", place.image("big")).run().ok();
    try (FaultProxy proxy = FaultProxy.before(place.registry())) {
      Path auth = auth(place);
      Files.writeString(
          auth, Files.readString(auth).replace(place.registry().host(), proxy.host()));
      proxy.breakUpload(3 << 20);
      Command.Outcome pushed =
          place
              .jimage("push", place.image("big"), proxy.host() + "/other:1")
              .with("REGISTRY_AUTH_FILE", auth.toString())
              .run()
              .ok();
      contains(pushed.err(), "broke off");
      skopeo("docker://" + place.image("other:1"));
    }
  }

  private static void store(Place place) throws Exception {
    byte[] base = new ImageMaker().file("a", 0644, "one").file("b", 0644, "two").tar();
    byte[] upper = new ImageMaker().file("c", 0600, "new").whiteout("b").tar();
    place.push("one", base);
    place.push("two", base, upper);
    place.jimage("pull", "-q", place.image("one")).run().ok();
    place.jimage("pull", "-q", place.image("two")).run().ok();
    JsonNode use = JSON.readTree(place.jimage("du", "--json").run().ok().out());
    equal(2, use.path("images").size(), "the images");
    that(use.path("images").path(0).path("shared").asLong() > 0, "nothing is shared: " + use);
    JsonNode diff =
        JSON.readTree(
            place
                .jimage("diff", "--json", place.image("one"), place.image("two"))
                .run()
                .ok()
                .out());
    equal("[/b, /c]", diff.path("files").findValuesAsText("path").toString(), "the files");
    equal("[removed, added]", diff.path("files").findValuesAsText("change").toString(), "changes");
    place.jimage("tag", place.image("two"), "kept.example/x:1").run().ok();
    place.jimage("rm", place.image("two")).run().ok();
    place.jimage("inspect", "kept.example/x:1").run().ok();
    Path stray = place.folder().resolve("store/blobs/sha256/" + "0".repeat(64));
    Files.writeString(stray, "nobody's");
    JsonNode collected = JSON.readTree(place.jimage("gc", "--json").run().ok().out());
    equal(1, collected.path("files").size(), "the files collected");
    that(!Files.exists(stray), "it is still there");
    place.jimage("inspect", "kept.example/x:1").run().ok();
  }

  private static void remote(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    contains(
        place.jimage("inspect", "--remote", place.image("demo")).run().ok().out(), "linux/amd64");
    contains(
        place
            .jimage("inspect", "--remote", "--platform", "linux/arm64", place.image("demo"))
            .run()
            .ok()
            .out(),
        "linux/arm64");
    equal(
        raw("docker://" + place.image("demo")),
        place.jimage("inspect", "--remote", "--raw", place.image("demo")).run().ok().out(),
        "the raw index");
    that(!Files.exists(place.folder().resolve("store")), "a store was made");
  }
}

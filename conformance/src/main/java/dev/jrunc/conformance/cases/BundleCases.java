package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.registry.DemoImage;
import dev.jrunc.conformance.registry.ImageMaker;
import dev.jrunc.conformance.registry.Pusher;
import dev.jrunc.conformance.registry.TokenServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The ways to make a bundle, what holds it, and what is left when it goes. */
final class BundleCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private BundleCases() {}

  static List<ImageCase> all() {
    return List.of(
        new ImageCase("verify names what changed in a bundle", BundleCases::drift),
        new ImageCase("verify names what is damaged in the store", BundleCases::damage),
        new ImageCase("commit makes an image that others unpack", BundleCases::commit),
        new ImageCase("--profile umoci is umoci's config", BundleCases::likeUmoci),
        new ImageCase("every profile runs, twice the same bytes", BundleCases::profiles),
        new ImageCase("a zstd image has the same tree", BundleCases::zstd),
        new ImageCase("an image over its limits is refused", BundleCases::limits),
        new ImageCase("a layer that is not its diff_id is refused", BundleCases::wrongLayer));
  }

  static void pull(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "echo works");
    place.jimage("pull", "-q", place.image("demo")).run().ok();
  }

  static String run(Place place, Path runtime, Path bundle) {
    String root = place.folder().resolve("state").toString();
    String id = "bundle-case-" + ProcessHandle.current().pid();
    return Command.of(runtime.toString(), "--root", root, "run", "--bundle", bundle.toString(), id)
        .run()
        .ok()
        .out();
  }

  static void noMount(Place place) throws IOException {
    String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
    that(!mounts.contains(place.folder().toString()), "a mount is left:\n" + mounts);
  }

  static Path bundle(Place place, String name, String... options) {
    Path folder = place.folder().resolve(name);
    List<String> words = new ArrayList<>(List.of("bundle"));
    words.addAll(List.of(options));
    words.addAll(List.of(place.image("demo"), folder.toString()));
    place.jimage(words.toArray(String[]::new)).run().ok();
    return folder;
  }

  private static void drift(Place place) throws Exception {
    pull(place);
    for (String mode : List.of("copy", "overlay")) {
      Path bundle = bundle(place, mode, "--mode", mode);
      place.jimage("verify", bundle.toString()).run().ok().says("all as unpacked");
      Path rootfs = bundle.resolve("rootfs");
      Files.writeString(rootfs.resolve("added"), "x");
      Path busybox = rootfs.resolve("bin/busybox");
      Command.of("chmod", "0700", busybox.toString()).run().ok();
      JsonNode tree =
          JSON.readTree(place.jimage("verify", "--json", bundle.toString()).run().code(1).out());
      that(!tree.path("unchanged").asBoolean(), "it says unchanged");
      String drift = tree.path("drift").toString();
      contains(drift, "{\"path\":\"/added\",\"kind\":\"added\",\"fields\":[]}");
      contains(drift, "{\"path\":\"/bin/busybox\",\"kind\":\"changed\",\"fields\":[\"mode\"]}");
      place.jimage("unbundle", bundle.toString()).run().ok();
    }
  }

  private static void damage(Place place) throws Exception {
    pull(place);
    String image = place.image("demo");
    place.jimage("verify", image).run().ok().says("is whole");
    Path blobs = place.folder().resolve("store/blobs/sha256");
    Path largest = null;
    try (Stream<Path> files = Files.list(blobs)) {
      for (Path file : files.toList()) {
        largest = largest == null || Files.size(file) > Files.size(largest) ? file : largest;
      }
    }
    if (largest == null) {
      throw new IllegalStateException("there is no blob");
    }
    byte[] content = Files.readAllBytes(largest);
    content[content.length / 2] ^= 1;
    Files.write(largest, content);
    String name = largest.getFileName().toString();
    place.jimage("verify", image).run().code(1).says(name).says("has the wrong content");
    Files.delete(largest);
    place.jimage("verify", image).run().code(1).says(name).says("no such file");
    place.jimage("pull", "-q", image).run().ok();
    place.jimage("verify", image).run().ok();
    Command.of("chmod", "755", place.folder().resolve("store").toString()).run().ok();
    place.jimage("verify", image).run().code(1).says("open to other users");
    Path index = place.folder().resolve("store/index.json");
    String whole = Files.readString(index);
    Files.writeString(index, whole.substring(0, whole.length() / 2));
    place
        .jimage("verify", image)
        .run()
        .code(1)
        .says("index.json\" is not valid JSON")
        .says("the next jimage pull mends it");
    place.jimage("pull", "-q", image).run().ok();
    place.jimage("verify", image).run().ok();
  }

  private static void commit(Place place) throws Exception {
    pull(place);
    for (String mode : List.of("copy", "overlay")) {
      Path bundle = bundle(place, mode, "--mode", mode);
      Path rootfs = bundle.resolve("rootfs");
      Files.writeString(rootfs.resolve("added"), "x");
      Files.createLink(rootfs.resolve("linked"), rootfs.resolve("added"));
      Files.setAttribute(
          rootfs.resolve("added"), "user:k", ByteBuffer.wrap(new byte[] {'v', '\n', 0}));
      Files.delete(rootfs.resolve("bin/sh"));
      String image = place.image("demo:" + mode);
      place.jimage("commit", "-m", "why", bundle.toString(), image).run().ok().says("changes in");
      Path again = place.folder().resolve(mode + "-again");
      place.jimage("bundle", image, again.toString()).run().ok();
      equal(
          ImageCases.tree(rootfs), ImageCases.tree(again.resolve("rootfs")), "the tree of " + mode);
      umociTree(place, image, again);
      place.jimage("unbundle", bundle.toString()).run().ok();
    }
    noMount(place);
  }

  private static void umociTree(Place place, String image, Path bundle) throws Exception {
    Path layout = layout(place, image);
    Path theirs = place.folder().resolve("umoci-" + bundle.getFileName());
    Command.of("umoci", "unpack", "--image", layout + ":it", theirs.toString()).run().ok();
    equal(
        ImageCases.tree(theirs.resolve("rootfs")),
        ImageCases.tree(bundle.resolve("rootfs")),
        "the tree of umoci");
  }

  private static Path layout(Place place, String image) throws IOException {
    assume(Files.exists(Path.of("/usr/bin/umoci")), "umoci is not installed");
    Path layout = Files.createTempDirectory(place.folder(), "layout");
    Command.of(
            "skopeo",
            "copy",
            "oci:" + place.folder().resolve("store") + ":" + image,
            "oci:" + layout + ":it")
        .run()
        .ok();
    return layout;
  }

  private static void likeUmoci(Place place) throws Exception {
    pull(place);
    Path layout = layout(place, place.image("demo:latest"));
    Path bundle = bundle(place, "web", "--profile", "umoci");
    Path theirs = place.folder().resolve("umoci.json");
    Command.of(
            "umoci",
            "raw",
            "runtime-config",
            "--image",
            layout + ":it",
            "--rootfs",
            bundle.resolve("rootfs").toString(),
            theirs.toString())
        .run()
        .ok();
    JsonNode expected = JSON.readTree(theirs.toFile());
    JsonNode actual = JSON.readTree(bundle.resolve("config.json").toFile());
    ((com.fasterxml.jackson.databind.node.ObjectNode) expected.path("root")).put("path", "rootfs");
    that(
        expected.equals(actual),
        "config.json is\n" + actual.toPrettyString() + "\nnot\n" + expected.toPrettyString());
  }

  private static void profiles(Place place) throws Exception {
    pull(place);
    for (String profile : List.of("jrunc", "docker", "podman", "umoci", "runc")) {
      Path one = bundle(place, profile + 1, "--profile", profile, "--no-tty");
      Path two = bundle(place, profile + 2, "--profile", profile, "--no-tty", "--mode", "overlay");
      equal(
          Files.readString(one.resolve("config.json")),
          Files.readString(two.resolve("config.json")),
          "config.json of " + profile);
      contains(run(place, place.runtime(), one), "works");
      place.jimage("unbundle", two.toString()).run().ok();
    }
  }

  private static void zstd(Place place) throws Exception {
    assume(Files.exists(Path.of("/usr/bin/skopeo")), "skopeo is not installed");
    pull(place);
    String target = place.image("zstd:latest");
    Command.of(
            "skopeo",
            "copy",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            "--dest-creds",
            TokenServer.USER + ":" + TokenServer.PASSWORD,
            "--dest-compress-format",
            "zstd",
            "docker://" + place.image("demo:latest"),
            "docker://" + target)
        .run()
        .ok();
    place.jimage("pull", "-q", target).run().ok();
    contains(place.jimage("inspect", "--json", target).run().ok().out(), "tar+zstd");
    Path plain = bundle(place, "plain");
    Path packed = place.folder().resolve("packed");
    place.jimage("bundle", target, packed.toString()).run().ok();
    equal(
        ImageCases.tree(plain.resolve("rootfs")),
        ImageCases.tree(packed.resolve("rootfs")),
        "the tree");
  }

  private static void limits(Place place) throws Exception {
    ImageMaker maker = new ImageMaker();
    for (int i = 0; i < 20; i++) {
      maker.file("file" + i, 0644, "x");
    }
    place.push("demo", maker.file("zeros", 0644, new byte[80 << 20]).tar());
    place.jimage("pull", "-q", place.image("demo")).run().ok();
    for (String mode : List.of("copy", "overlay")) {
      refuses(place, mode, "entries=10", "more than 10 entries");
      refuses(place, mode, "bytes=1000", "more than 1000 bytes");
      refuses(place, mode, "ratio=10", "more than 10 times its size");
    }
    // 80 MiB of zeros are more than 200 times what they pack to.
    place.jimage("bundle", place.image("demo"), "web").run().code(1).says("200 times its size");
    place.jimage("bundle", "--limit", "ratio=2000", place.image("demo"), "web").run().ok();
  }

  private static void refuses(Place place, String mode, String limit, String reason) {
    place
        .jimage("bundle", "--mode", mode, "--limit", limit, place.image("demo"), "refused")
        .run()
        .code(1)
        .says("layer 1 (sha256:")
        .says(reason);
    that(!Files.exists(place.folder().resolve("refused")), "a folder is left");
  }

  // Image-spec, "Layer DiffID": the blob is right, what is in it is not what the config names.
  private static void wrongLayer(Place place) throws Exception {
    byte[] right = new ImageMaker().file("right", 0644, "x").tar();
    byte[] wrong = new ImageMaker().file("wrong", 0644, "x").tar();
    new Pusher(place.registry(), "demo")
        .image(
            "latest",
            "amd64",
            List.of(right, wrong),
            config ->
                config
                    .withArray("/rootfs/diff_ids")
                    .set(1, config.at("/rootfs/diff_ids/0").asText()));
    String image = place.image("demo");
    place.jimage("pull", "-q", image).run().ok();
    for (String mode : List.of("copy", "overlay")) {
      place
          .jimage("bundle", "--mode", mode, image, "refused")
          .run()
          .code(1)
          .says("layer 2 (sha256:")
          .says("has the wrong content: its diff_id is sha256:");
      that(!Files.exists(place.folder().resolve("refused")), "a folder is left");
    }
    noMount(place);
    place.jimage("verify", image).run().code(1).says("it unpacks to sha256:").says("is damaged");
  }
}

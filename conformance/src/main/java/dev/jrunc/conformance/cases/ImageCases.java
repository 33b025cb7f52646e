package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.registry.DemoImage;
import dev.jrunc.conformance.registry.ImageMaker;
import dev.jrunc.conformance.registry.LocalRegistry;
import dev.jrunc.conformance.registry.Pusher;
import dev.jrunc.conformance.registry.TokenServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** jimage by its command line, against Debian's registry with tokens. */
final class ImageCases {
  private ImageCases() {}

  /** A case with what it needs. */
  record ImageCase(String name, Body body) {}

  interface Body {
    void run(Place place) throws Exception;
  }

  /** A registry, a store and a folder for one case. */
  record Place(LocalRegistry registry, Path folder, Path jimage, Path runtime) {

    Command jimage(String... words) {
      String store = folder.resolve("store").toString();
      return Command.of(Command.words(List.of(jimage.toString(), "--store", store), words))
          .in(folder)
          .with("HOME", folder.toString());
    }

    String image(String name) {
      return registry.host() + "/" + name;
    }

    Path web() throws IOException {
      return Files.createDirectories(folder.resolve("web"));
    }

    /** Pushes an image of these layers as NAME:latest. */
    void push(String name, byte[]... layers) throws IOException {
      new Pusher(registry, name).image("latest", "amd64", List.of(layers), config -> {});
    }
  }

  static List<ImageCase> all() {
    return List.of(
        new ImageCase("pull, bundle and run of a two-platform image", ImageCases::whole),
        new ImageCase("the bundle runs unchanged under runc", ImageCases::underRunc),
        new ImageCase("pull alpine, through a mirror with TLS and tokens", ImageCases::alpine),
        new ImageCase("a private image needs the password", ImageCases::credentials),
        new ImageCase("an unknown image is one sentence", ImageCases::unknown),
        new ImageCase("an unreachable registry is one sentence", ImageCases::unreachable),
        new ImageCase("a changed blob is refused, and the store stays", ImageCases::changed),
        new ImageCase("an existing bundle is left alone", ImageCases::existing),
        new ImageCase("images, inspect and rm", ImageCases::store),
        new ImageCase("skopeo reads the store", ImageCases::skopeo),
        new ImageCase("a name that leads out is refused", ImageCases::hostile),
        new ImageCase("an absolute name means the image's root", ImageCases::absolute),
        new ImageCase("a link out of the root leads nowhere", ImageCases::linkOut),
        new ImageCase("a hard link to the host is refused", ImageCases::hardLinkOut),
        new ImageCase("a full disk leaves nothing", ImageCases::fullDisk),
        new ImageCase("the tree is umoci's", ImageCases::likeUmoci));
  }

  static void run(ImageCase each, Path jimage, Path runtime) throws Exception {
    Path folder = Files.createTempDirectory("image-case-");
    try (LocalRegistry registry = LocalRegistry.start()) {
      each.body().run(new Place(registry, folder, jimage, runtime));
    } finally {
      Sandbox.delete(folder);
    }
  }

  private static void whole(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "echo works");
    place.jimage("pull", place.image("demo:latest")).run().ok();
    place.jimage("bundle").in(place.web()).run().ok();
    DemoImage.check(place.web().resolve("rootfs"));
    contains(container(place, place.runtime()), "works");
  }

  private static String container(Place place, Path runtime) throws IOException {
    String root = place.folder().resolve("state").toString();
    return Command.of(runtime.toString(), "--root", root, "run", "image-case")
        .in(place.web())
        .run()
        .ok()
        .out();
  }

  private static void underRunc(Place place) throws Exception {
    Path runc = Path.of("/usr/sbin/runc");
    assume(Files.isExecutable(runc), "runc is not installed");
    DemoImage.push(place.registry(), "demo", "echo works");
    place.jimage("pull", place.image("demo")).run().ok();
    place.jimage("bundle").in(place.web()).run().ok();
    contains(container(place, runc), "works");
  }

  private static void alpine(Place place) throws Exception {
    try (LocalRegistry registry = LocalRegistry.startWithTls()) {
      DemoImage.push(registry, "library/alpine", "echo alpine");
      Place secure = new Place(registry, place.folder(), place.jimage(), place.runtime());
      secure
          .jimage("pull", "alpine")
          .with("JIMAGE_MIRRORS", "docker.io=" + registry.url())
          .with("JIMAGE_CA", registry.authority().toString())
          .run()
          .ok();
      secure.jimage("bundle").in(secure.web()).run().ok();
      contains(container(secure, secure.runtime()), "alpine");
    }
  }

  private static void credentials(Place place) throws Exception {
    DemoImage.push(place.registry(), "private/demo", "echo secret");
    String image = place.image("private/demo");
    place.jimage("pull", image).run().code(1);
    Path auth = place.folder().resolve("auth.json");
    writeAuth(place, auth, "wrong");
    place.jimage("pull", image).with("REGISTRY_AUTH_FILE", auth.toString()).run().code(1);
    writeAuth(place, auth, TokenServer.PASSWORD);
    place.jimage("pull", image).with("REGISTRY_AUTH_FILE", auth.toString()).run().ok();
  }

  private static void writeAuth(Place place, Path file, String password) throws IOException {
    byte[] pair = (TokenServer.USER + ":" + password).getBytes(StandardCharsets.UTF_8);
    String encoded = Base64.getEncoder().encodeToString(pair);
    Files.writeString(
        file, "{\"auths\":{\"" + place.registry().host() + "\":{\"auth\":\"" + encoded + "\"}}}");
  }

  private static void sentence(Command.Outcome outcome) {
    outcome.code(1);
    that(outcome.err().startsWith("jimage: "), outcome.err());
    equal(1L, outcome.err().strip().lines().count(), "the number of lines of " + outcome.err());
  }

  private static void unknown(Place place) {
    sentence(place.jimage("pull", "-q", place.image("not-there")).run());
  }

  private static void unreachable(Place place) {
    sentence(place.jimage("pull", "-q", "127.0.0.1:9/demo").run());
  }

  private static void changed(Place place) throws Exception {
    place.push("demo", new ImageMaker().file("a", 0644, "x".repeat(100_000)).tar());
    try (Stream<Path> files = Files.walk(place.registry().data())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(file);
        if (content.length > 2 && content[0] == 0x1f && content[1] == (byte) 0x8b) {
          content[content.length / 2] ^= 1;
          Files.write(file, content);
        }
      }
    }
    sentence(place.jimage("pull", "-q", place.image("demo")).run());
    equal("[ ]", place.jimage("images", "--json").run().ok().out().trim(), "the images");
  }

  private static void existing(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    place.jimage("pull", place.image("demo")).run().ok();
    Files.writeString(place.web().resolve("config.json"), "mine");
    sentence(place.jimage("bundle").in(place.web()).run());
    equal("mine", Files.readString(place.web().resolve("config.json")), "config.json");
    that(!Files.exists(place.web().resolve("rootfs")), "a rootfs was made");
  }

  private static void store(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    place.jimage("pull", place.image("demo")).run().ok();
    contains(place.jimage("images").run().ok().out(), "demo:latest");
    contains(place.jimage("inspect", place.image("demo"), "--json").run().ok().out(), "amd64");
    place.jimage("rm", place.image("demo")).run().ok();
    that(!place.jimage("images").run().ok().out().contains("demo"), "it is still listed");
    try (Stream<Path> blobs = Files.walk(place.folder().resolve("store/blobs"))) {
      equal(0L, blobs.filter(Files::isRegularFile).count(), "the number of blobs left");
    }
  }

  private static void skopeo(Place place) throws Exception {
    assume(Files.exists(Path.of("/usr/bin/skopeo")), "skopeo is not installed");
    DemoImage.push(place.registry(), "demo", "true");
    String name = place.image("demo:latest");
    place.jimage("pull", name).run().ok();
    String layout = "oci:" + place.folder().resolve("store") + ":" + name;
    Command.of("skopeo", "inspect", layout).run().ok().says("amd64");
  }

  private static void refused(Place place, String reason, byte[]... layers) throws Exception {
    place.push("hostile", layers);
    place.jimage("pull", "-q", place.image("hostile")).run();
    Command.Outcome outcome = place.jimage("bundle").in(place.web()).run();
    sentence(outcome);
    contains(outcome.err(), reason);
    try (Stream<Path> left = Files.list(place.web())) {
      equal(List.of(), left.toList(), "what is left in the folder");
    }
  }

  private static void hostile(Place place) throws Exception {
    refused(place, "../x", new ImageMaker().file("../x", 0644, "hostile").tar());
    that(!Files.exists(place.folder().resolve("x")), "a file outside was written");
  }

  // Images that ko builds have such names.
  private static void absolute(Place place) throws Exception {
    Path outside = place.folder().resolve("victim");
    place.push("absolute", new ImageMaker().file(outside.toString(), 0644, "inside").tar());
    place.jimage("pull", "-q", place.image("absolute")).run().ok();
    place.jimage("bundle").in(place.web()).run().ok();
    that(!Files.exists(outside), "a file of the host was written");
    Path inside = place.web().resolve("rootfs").resolve(outside.toString().substring(1));
    equal("inside", Files.readString(inside), "the file in the rootfs");
  }

  private static void linkOut(Place place) throws Exception {
    Path outside = Files.createDirectory(place.folder().resolve("outside"));
    place.push(
        "links",
        new ImageMaker().busybox("sh").symlink("out", outside.toString()).tar(),
        new ImageMaker().file("out/x", 0644, "hostile").tar());
    place.jimage("pull", "-q", place.image("links")).run().ok();
    place.jimage("bundle").in(place.web()).run();
    try (Stream<Path> files = Files.list(outside)) {
      equal(List.of(), files.toList(), "what was written outside");
    }
  }

  private static void hardLinkOut(Place place) throws Exception {
    refused(place, "../../etc/passwd", new ImageMaker().hardLink("x", "../../etc/passwd").tar());
  }

  private static void fullDisk(Place place) throws Exception {
    Path disk = Files.createDirectory(place.folder().resolve("disk"));
    Command.of("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()).run().ok();
    try {
      place.push("big", new ImageMaker().file("zeros", 0644, new byte[8 << 20]).tar());
      place.jimage("pull", "-q", place.image("big")).run().ok();
      Path bundle = Files.createDirectory(disk.resolve("web"));
      Command.Outcome outcome = place.jimage("bundle").in(bundle).run();
      sentence(outcome);
      contains(outcome.err(), "no space left");
      try (Stream<Path> left = Files.list(bundle)) {
        equal(List.of(), left.toList(), "what is left in the folder");
      }
    } finally {
      Command.of("umount", disk.toString()).run().ok();
    }
  }

  private static void likeUmoci(Place place) throws Exception {
    assume(Files.exists(Path.of("/usr/bin/umoci")), "umoci is not installed");
    DemoImage.push(place.registry(), "demo", "true");
    String name = place.image("demo:latest");
    place.jimage("pull", name).run().ok();
    place.jimage("bundle").in(place.web()).run().ok();
    Path layout = place.folder().resolve("layout");
    Command.of(
            "skopeo",
            "copy",
            "oci:" + place.folder().resolve("store") + ":" + name,
            "oci:" + layout + ":demo")
        .run()
        .ok();
    Path theirs = place.folder().resolve("umoci");
    Command.of("umoci", "unpack", "--image", layout + ":demo", theirs.toString()).run().ok();
    equal(tree(theirs.resolve("rootfs")), tree(place.web().resolve("rootfs")), "the tree");
  }

  // Kind, mode, owner, links, size and time of every file, by name.
  static String tree(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      StringBuilder text = new StringBuilder();
      for (Path file : files.filter(path -> !path.equals(root)).sorted().toList()) {
        String stat =
            Command.of("stat", "-c", "%F %a %u:%g %h %s %Y", file.toString()).run().ok().out();
        boolean folder = Files.isDirectory(file, java.nio.file.LinkOption.NOFOLLOW_LINKS);
        // Size and links of a folder are the file system's own affair.
        String line = folder ? stat.replaceAll(" [0-9]+ [0-9]+ ([0-9]+)$", " $1") : stat;
        text.append(root.relativize(file)).append(' ').append(line);
      }
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

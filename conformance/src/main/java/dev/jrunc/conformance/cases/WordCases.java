package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.registry.DemoImage;
import dev.jrunc.conformance.registry.ImageMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Whatever people and images call things. */
final class WordCases {
  private WordCases() {}

  static List<ImageCase> all() {
    return List.of(
        new ImageCase("names that are not ASCII, in the C locale", WordCases::locale),
        new ImageCase("no word is answered by a stack trace", WordCases::odd),
        new ImageCase("a damaged image is listed among the others", WordCases::listed));
  }

  private static void locale(Place place) throws Exception {
    place.push("demo", new ImageMaker().file("\u00e4\u4e2d", 0644, "x").tar());
    String image = place.image("demo");
    plain(place, "pull", "-q", image).ok();
    plain(place, "copy", "-q", "store:" + image, "oci-archive:\u00fc.tar:a").ok();
    plain(place, "copy", "-q", "oci-archive:\u00fc.tar:a", "oci:\u4e2d:a").ok();
    for (String mode : List.of("copy", "overlay")) {
      plain(place, "bundle", "--mode", mode, image, "b\u00fc").ok();
      plain(place, "verify", "./b\u00fc").ok().says("all as unpacked");
      Path file = place.folder().resolve("b\u00fc/rootfs/\u00e4\u4e2d");
      Command.of("test", "-e", file.toString()).run().ok();
      Command.of("rm", file.toString()).run().ok();
      plain(place, "verify", "./b\u00fc").code(1).says("missing /\u00e4\u4e2d");
      plain(place, "unbundle", "b\u00fc").ok();
    }
  }

  private static Command.Outcome plain(Place place, String... words) {
    return place.jimage(words).with("LC_ALL", "C").run();
  }

  // Every command meets many more in HostileTextTest.
  private static void odd(Place place) {
    for (String name : List.of("[1]:5000/x", "1.2.3.4.5/foo", "foo.123/bar", "\u00fc/x")) {
      sentence(place.jimage("pull", name).run());
    }
  }

  private static void sentence(Command.Outcome outcome) {
    outcome.code(1);
    that(outcome.err().startsWith("jimage: "), outcome.err());
    equal(1L, outcome.err().strip().lines().count(), "the number of lines of " + outcome.err());
    that(!outcome.err().contains("fault of jimage"), outcome.err());
  }

  private static void listed(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    place.push("other", new ImageMaker().file("a", 0644, "x").tar());
    place.jimage("pull", "-q", place.image("other")).run().ok();
    List<Path> before = blobs(place);
    place.jimage("pull", "-q", place.image("demo")).run().ok();
    for (Path blob : blobs(place)) {
      if (!before.contains(blob)) {
        Files.delete(blob);
      }
    }
    Command.Outcome list = place.jimage("images").run().code(1);
    equal(3L, list.out().lines().count(), "the lines of " + list.out());
    contains(list.out(), "damaged");
    list.says("image \"" + place.image("demo:latest") + "\" is damaged");
    list.says("jimage verify " + place.image("demo:latest"));
    place.jimage("verify", place.image("demo")).run().code(1);
    place.jimage("pull", "-q", place.image("demo")).run().ok();
    place.jimage("images").run().ok();
  }

  private static List<Path> blobs(Place place) throws IOException {
    try (Stream<Path> files = Files.list(place.folder().resolve("store/blobs/sha256"))) {
      return files.toList();
    }
  }
}

package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.registry.ImageMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What writes images and does not come to its end. For pull and bundle, see there. */
final class HalfwayCases {
  private static final int BIG = 12 << 20;

  private HalfwayCases() {}

  static List<ImageCase> all() {
    return List.of(
        new ImageCase("a commit or copy on a full disk leaves no half", HalfwayCases::fullDisk),
        new ImageCase("kill -9 of a commit or copy leaves no half", HalfwayCases::killed),
        new ImageCase("copy and diff keep to --limit", HalfwayCases::limits));
  }

  private static byte[] noise() {
    byte[] noise = new byte[BIG];
    new Random(BIG).nextBytes(noise);
    return noise;
  }

  private static void pull(Place place) throws Exception {
    place.push("big", new ImageMaker().file("noise", 0644, noise()).tar());
    place.jimage("pull", "-q", place.image("big")).run().ok();
    place.jimage("bundle", place.image("big"), "web").run().ok();
    Files.write(place.folder().resolve("web/rootfs/more"), noise());
  }

  /** All of them to a file system that has no room; what is in the store is on another. */
  private static void fullDisk(Place place) throws Exception {
    pull(place);
    Path disk = Files.createDirectory(place.folder().resolve("disk"));
    String image = place.image("big");
    Command.of("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk.toString()).run().ok();
    try {
      for (String form :
          List.of("oci:%s/l:a", "oci-archive:%s/a.tar:a", "docker-archive:%s/a.tar")) {
        full(place.jimage("copy", "-q", "store:" + image, form.formatted(disk)).run());
        equal(List.of(), names(disk, ".tar"), "archives on the full disk");
        that(!Files.exists(disk.resolve("l/index.json")), "a layout names the image");
        Command.of("rm", "-rf", disk + "/l").run().ok();
      }
    } finally {
      Command.of("umount", disk.toString()).run().ok();
    }
    Path store = place.folder().resolve("store");
    String script =
        "mount --bind %1$s %1$s && mount -t tmpfs -o size=16m tmpfs %2$s && cp -a %1$s %2$s && ! %3$s --store %2$s/store commit web full:1 && %3$s --store %2$s/store images && %3$s --store %2$s/store verify %4$s"
            .formatted(store, disk, place.jimage(), image);
    Command.Outcome outcome =
        Command.of("unshare", "--mount", "--propagation", "private", "sh", "-c", script)
            .in(place.folder())
            .with("HOME", place.folder().toString())
            .run()
            .ok();
    outcome.says("no space left on device").says("is whole");
    that(!outcome.out().contains("full:1"), "the commit is listed:\n" + outcome.out());
  }

  private static void full(Command.Outcome outcome) {
    outcome.code(1).says("no space left on device");
    equal(1L, outcome.err().strip().lines().count(), "the number of lines of " + outcome.err());
  }

  private static List<String> names(Path folder, String end) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(each -> each.getFileName().toString())
          .filter(each -> each.endsWith(end))
          .toList();
    }
  }

  private static void killed(Place place) throws Exception {
    pull(place);
    String image = place.image("big");
    Path folder = place.folder();
    for (int millis = 200; millis < 1500; millis += 260) {
      kill(place, millis, "commit", "web", "made:1");
      place.jimage("images").run().ok();
      place.jimage("commit", "web", "made:1").run().ok();
      place.jimage("verify", "made:1").run().ok().says("is whole");
      place.jimage("rm", "made:1").run().ok();
      kill(place, millis, "copy", "-q", "store:" + image, "oci-archive:a.tar:a");
      if (Files.exists(folder.resolve("a.tar"))) {
        Command.of("skopeo", "inspect", "oci-archive:" + folder + "/a.tar:a").run().ok();
        Files.delete(folder.resolve("a.tar"));
      }
      kill(place, millis, "copy", "-q", "store:" + image, "oci:layout:a");
      place.jimage("copy", "-q", "store:" + image, "oci:layout:a").run().ok();
      Command.of("skopeo", "inspect", "oci:" + folder + "/layout:a").run().ok();
      Command.of("rm", "-r", folder + "/layout").run().ok();
      kill(place, millis, "copy", "-q", image, "store:other:1");
      place.jimage("copy", "-q", image, "store:other:1").run().ok();
      place.jimage("verify", "other:1").run().ok();
      place.jimage("rm", "other:1").run().ok();
    }
    place.jimage("gc").run().ok();
    place.jimage("verify", image).run().ok();
    that(!Files.exists(folder.resolve("store/.tmp")), "a killed process's folder stayed");
  }

  private static void kill(Place place, int millis, String... words) throws Exception {
    Process process =
        new ProcessBuilder(
                Command.words(
                    List.of(
                        place.jimage().toString(),
                        "--store",
                        place.folder().resolve("store").toString()),
                    words))
            .directory(place.folder().toFile())
            .redirectErrorStream(true)
            .redirectOutput(place.folder().resolve("said").toFile())
            .start();
    boolean ended = process.waitFor(millis, TimeUnit.MILLISECONDS);
    that(ended || process.isAlive(), "it is gone");
    process.destroyForcibly().waitFor();
  }

  private static void limits(Place place) throws Exception {
    place.push("one", new ImageMaker().file("a", 0644, "x").tar());
    place.push("two", new ImageMaker().file("a", 0644, new byte[2 << 20]).tar());
    for (String name : List.of("one", "two")) {
      place.jimage("pull", "-q", place.image(name)).run().ok();
    }
    String saved = "docker-archive:saved.tar";
    String two = "store:" + place.image("two");
    place
        .jimage("copy", "-q", "--limit", "bytes=1000", two, saved)
        .run()
        .code(1)
        .says("1000 bytes");
    that(!Files.exists(place.folder().resolve("saved.tar")), "an archive is left");
    place.jimage("copy", "-q", two, saved).run().ok();
    place
        .jimage("copy", "-q", "--limit", "bytes=1000", saved, "oci:layout:a")
        .run()
        .code(1)
        .says("1000 bytes");
    place.jimage("copy", "-q", saved, "oci:layout:a").run().ok();
    String[] diff = {"diff", "--limit", "bytes=1000", place.image("one"), place.image("two")};
    contains(place.jimage(diff).run().code(1).err(), "--limit bytes=N allows more");
    place
        .jimage("diff", "--limit", "bytes=9000000", place.image("one"), place.image("two"))
        .run()
        .ok()
        .says("~ /a");
    place.jimage("copy", "--limit", "bites=1", two, saved).run().code(1).says("unknown limit");
  }
}

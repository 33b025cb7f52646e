package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.registry.DemoImage;
import dev.jrunc.conformance.registry.ImageMaker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Bundles that share the layers in the store, and what is left of one that did not get ready. */
final class SharedLayerCases {
  private SharedLayerCases() {}

  static List<ImageCase> all() {
    return List.of(
        new ImageCase("an overlay bundle runs, shares and goes", SharedLayerCases::overlay),
        new ImageCase("an overlay bundle runs under runc", SharedLayerCases::overlayUnderRunc),
        new ImageCase("an overlay bundle is mounted again", SharedLayerCases::restarted),
        new ImageCase("a bundle in use is not removed", SharedLayerCases::inUse),
        new ImageCase("kill -9 of an overlay bundle leaves no mount", SharedLayerCases::killed),
        new ImageCase("kill -9 of a copy leaves room for the next", SharedLayerCases::killedCopy),
        new ImageCase("a full disk leaves no layer and no mount", SharedLayerCases::fullDisk),
        new ImageCase("a copy on btrfs shares bytes with layers", SharedLayerCases::onBtrfs),
        new ImageCase("a copy on xfs shares bytes with layers", SharedLayerCases::onXfs));
  }

  private static void overlay(Place place) throws Exception {
    BundleCases.pull(place);
    Path one = BundleCases.bundle(place, "one", "--mode", "overlay");
    Path two = BundleCases.bundle(place, "two", "--mode", "overlay");
    contains(BundleCases.run(place, place.runtime(), one), "works");
    Files.writeString(one.resolve("rootfs/own"), "of one");
    that(!Files.exists(two.resolve("rootfs/own")), "a bundle sees what another wrote");
    DemoImage.check(two.resolve("rootfs"));
    place.jimage("unbundle", one.toString()).run().ok();
    contains(BundleCases.run(place, place.runtime(), two), "works");
    place.jimage("unbundle", two.toString()).run().ok();
    for (Path folder : List.of(one, two, place.folder().resolve("store/bundles"))) {
      try (Stream<Path> left = Files.list(folder)) {
        equal(List.of(), left.toList(), "what is left in " + folder);
      }
    }
    BundleCases.noMount(place);
  }

  private static void overlayUnderRunc(Place place) throws Exception {
    Path runc = Path.of("/usr/sbin/runc");
    assume(Files.isExecutable(runc), "runc is not installed");
    BundleCases.pull(place);
    Path bundle = BundleCases.bundle(place, "web", "--mode", "overlay", "--profile", "docker");
    contains(BundleCases.run(place, runc, bundle), "works");
    place.jimage("unbundle", bundle.toString()).run().ok();
    BundleCases.noMount(place);
  }

  // A restart of the machine takes mounts away and leaves files.
  private static void restarted(Place place) throws Exception {
    BundleCases.pull(place);
    Path bundle = BundleCases.bundle(place, "web", "--mode", "overlay");
    Files.writeString(bundle.resolve("rootfs/own"), "changed");
    place.jimage("mount", bundle.toString()).run().ok().says("are mounted");
    Command.of("umount", bundle.resolve("rootfs").toString()).run().ok();
    place.jimage("verify", bundle.toString()).run().code(1).says("jimage mount does it");
    contains(place.jimage("mount", "--json", bundle.toString()).run().ok().out(), "\"mounted\"");
    equal("changed", Files.readString(bundle.resolve("rootfs/own")), "the file");
    contains(BundleCases.run(place, place.runtime(), bundle), "works");
    // One that is not mounted goes, too.
    Command.of("umount", bundle.resolve("rootfs").toString()).run().ok();
    place.jimage("unbundle", bundle.toString()).run().ok();
    BundleCases.noMount(place);
  }

  private static void inUse(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "sleep 100");
    place.jimage("pull", "-q", place.image("demo")).run().ok();
    Path bundle = BundleCases.bundle(place, "web", "--mode", "overlay");
    String root = place.folder().resolve("state").toString();
    String id = "bundle-use-" + ProcessHandle.current().pid();
    String runtime = place.runtime().toString();
    Command.of(runtime, "--root", root, "run", "--detach", "--bundle", bundle.toString(), id)
        .intoFile(place.folder().resolve("said"))
        .run()
        .ok();
    try {
      place.jimage("unbundle", bundle.toString()).run().code(1).says("is in use by process");
      that(Files.exists(bundle.resolve("rootfs/bin")), "the rootfs is gone");
    } finally {
      Command.of(runtime, "--root", root, "delete", "--force", id).run().ok();
    }
    place.jimage("unbundle", bundle.toString()).run().ok();
    BundleCases.noMount(place);
  }

  // Killed after more and more time, from before the first system call until it is done.
  private static void killed(Place place) throws Exception {
    pullLarge(place);
    for (int millis = 150; millis < 1600; millis += 180) {
      kill(place, millis, "bundle", "--mode", "overlay", place.image("demo"), "web");
      Path after = BundleCases.bundle(place, "after", "--mode", "overlay");
      that(Files.exists(after.resolve("rootfs/zeros")), "the file is not there");
      place.jimage("unbundle", after.toString()).run().ok();
      if (Files.exists(place.folder().resolve("web/.jimage/bundle.json"))) {
        place.jimage("unbundle", "web").run().ok();
      }
      BundleCases.noMount(place);
      Command.of("rm", "-rf", place.folder().resolve("store/layers").toString()).run().ok();
    }
  }

  private static void killedCopy(Place place) throws Exception {
    pullLarge(place);
    for (int millis = 150; millis < 1600; millis += 180) {
      kill(place, millis, "bundle", place.image("demo"), "web");
      Path web = place.folder().resolve("web");
      if (Files.exists(web.resolve("config.json"))) {
        place.jimage("verify", "./web").run().ok();
        place.jimage("unbundle", "web").run().ok();
      }
      BundleCases.bundle(place, "web");
      place.jimage("verify", "./web").run().ok();
      place.jimage("unbundle", "web").run().ok();
      try (Stream<Path> left = Files.list(web)) {
        equal(List.of(), left.toList(), "what is left after a kill at " + millis + " ms");
      }
    }
  }

  private static void pullLarge(Place place) throws Exception {
    ImageMaker maker = new ImageMaker().busybox("sh").file("zeros", 0644, new byte[40 << 20]);
    for (int i = 0; i < 500; i++) {
      maker.file("file" + i, 0644, "content " + i);
    }
    place.push("demo", maker.tar(), new ImageMaker().file("upper", 0644, "x").tar());
    place.jimage("pull", "-q", place.image("demo")).run().ok();
  }

  private static void kill(Place place, int millis, String... words) throws Exception {
    List<String> all = new ArrayList<>();
    all.addAll(List.of(place.jimage().toString(), "--store"));
    all.add(place.folder().resolve("store").toString());
    all.addAll(List.of(words));
    Process process =
        new ProcessBuilder(all)
            .directory(place.folder().toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  private static void fullDisk(Place place) throws Exception {
    Path disk = Files.createDirectory(place.folder().resolve("disk"));
    Command.of("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk.toString()).run().ok();
    try {
      place.push(
          "big",
          new ImageMaker().file("a", 0644, "x").tar(),
          new ImageMaker().file("zeros", 0644, new byte[32 << 20]).tar());
      String store = disk.resolve("store").toString();
      place.jimage("--store", store, "pull", "-q", place.image("big")).run().ok();
      Path bundle = place.folder().resolve("web");
      place
          .jimage("--store", store, "bundle", "--mode", "overlay", bundle.toString())
          .run()
          .code(1)
          .says("no space left");
      that(!Files.exists(bundle), "a folder is left");
      try (Stream<Path> layers = Files.list(disk.resolve("store/layers"))) {
        List<String> left =
            layers
                .map(each -> each.getFileName().toString())
                .filter(name -> name.startsWith("."))
                .toList();
        equal(List.of(), left, "half-made layers");
      }
    } finally {
      Command.of("umount", disk.toString()).run().ok();
    }
    BundleCases.noMount(place);
  }

  private static void onBtrfs(Place place) throws Exception {
    shared(place, "mkfs.btrfs", "btrfs-progs");
  }

  private static void onXfs(Place place) throws Exception {
    shared(place, "mkfs.xfs", "xfsprogs");
  }

  private static void shared(Place place, String make, String debian) throws Exception {
    Path program = Path.of("/usr/sbin", make);
    assume(Files.isExecutable(program), make + " is not installed (Debian: " + debian + ")");
    byte[] noise = new byte[24 << 20];
    new Random(1).nextBytes(noise);
    place.push(
        "demo",
        new ImageMaker().folder("d", 0755).file("d/noise", 0640, noise).file("e", 0644, "").tar(),
        new ImageMaker().hardLink("d/same", "d/noise").whiteout("e").file("f", 0600, "f").tar());
    Path image = place.folder().resolve("image");
    Path disk = Files.createDirectory(place.folder().resolve("disk"));
    Command.of("truncate", "-s", "400M", image.toString()).run().ok();
    Command.of(program.toString(), "-q", image.toString()).run().ok();
    Command.of("mount", "-o", "loop", image.toString(), disk.toString()).run().ok();
    try {
      String store = disk.resolve("store").toString();
      String name = place.image("demo");
      place.jimage("--store", store, "pull", "-q", name).run().ok();
      Path plain = disk.resolve("plain");
      place.jimage("--store", store, "bundle", name, plain.toString()).run().ok();
      Path layers = disk.resolve("layers");
      place
          .jimage("--store", store, "bundle", "--mode", "overlay", name, layers.toString())
          .run()
          .ok();
      long before = used(disk);
      Path copy = disk.resolve("copy");
      place.jimage("--store", store, "bundle", name, copy.toString()).run().ok();
      long more = used(disk) - before;
      that(more < 4 << 20, "the copy takes " + more + " bytes");
      equal(
          ImageCases.tree(plain.resolve("rootfs")),
          ImageCases.tree(copy.resolve("rootfs")),
          "the tree");
      place.jimage("verify", copy.toString()).run().ok().says("all as unpacked");
      // A copy all the same: what is written in it is nobody else's.
      Files.writeString(copy.resolve("rootfs/d/noise"), "mine");
      place.jimage("verify", plain.toString()).run().ok();
      place.jimage("verify", layers.toString()).run().ok();
      place.jimage("unbundle", layers.toString()).run().ok();
      Command.of("rm", "-rf", store).run().ok();
      equal("f", Files.readString(copy.resolve("rootfs/f")), "a file without the store");
    } finally {
      Command.of("umount", disk.toString()).run().ok();
    }
    BundleCases.noMount(place);
  }

  private static long used(Path disk) {
    Command.of("sync", "-f", disk.toString()).run().ok();
    String said =
        Command.of("df", "--block-size=1", "--output=used", disk.toString()).run().ok().out();
    return Long.parseLong(said.lines().toList().get(1).strip());
  }
}

package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.registry.TokenServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A distribution as people use it: debootstrap's Debian, packages on top of it, files taken away
 * and replaced on top of those; made into layers by umoci, brought to the registry by skopeo.
 */
final class DebianCases {
  /** Kept between runs, as apt keeps them. */
  private static final String PACKAGES = "/var/cache/apt/archives";

  /** One that has a file with capabilities, and what it needs. */
  private static final List<String> ADDED =
      List.of("iputils-ping", "libcap2", "libcap2-bin", "libidn2-0", "libunistring2", "hello");

  private DebianCases() {}

  static List<ImageCase> all() {
    return List.of(new ImageCase("a Debian of three layers", DebianCases::debian));
  }

  private static void debian(Place place) throws Exception {
    for (String program : List.of("/usr/sbin/debootstrap", "/usr/bin/umoci", "/usr/bin/getfattr")) {
      assume(Files.isExecutable(Path.of(program)), program + " is not installed");
    }
    String layout = place.folder().resolve("layout").toString();
    Path made = place.folder().resolve("made");
    make(layout, made);
    Command.of(
            "skopeo",
            "copy",
            "--dest-tls-verify=false",
            "--dest-creds",
            TokenServer.USER + ":" + TokenServer.PASSWORD,
            "oci:" + layout + ":it",
            "docker://" + place.image("debian:1"))
        .run()
        .ok();
    String image = place.image("debian:1");
    place.jimage("pull", "-q", image).run().ok();
    Path ours = place.folder().resolve("ours");
    place.jimage("bundle", image, ours.toString()).run().ok();
    String tree = tree(ours.resolve("rootfs"));
    that(tree.lines().count() > 5000, tree.lines().count() + " files");
    contains(tree, "security.capability");
    // umoci writes whole seconds.
    same(timeless(tree), timeless(tree(made.resolve("rootfs"))), "what the layers were made of");
    Path theirs = place.folder().resolve("theirs");
    Command.of("umoci", "unpack", "--image", layout + ":it", theirs.toString()).run().ok();
    same(tree, tree(theirs.resolve("rootfs")), "umoci's tree");
    Path shared = place.folder().resolve("shared");
    place.jimage("bundle", "--mode", "overlay", image, shared.toString()).run().ok();
    try {
      same(tree, tree(shared.resolve("rootfs")), "the tree of shared layers");
      podman(place, image, tree);
      for (Path bundle : List.of(ours, shared)) {
        place.jimage("verify", bundle.toString()).run().ok().says("all as unpacked");
        run(place, bundle);
      }
    } finally {
      place.jimage("unbundle", shared.toString()).run().ok();
    }
  }

  private static void run(Place place, Path bundle) {
    String root = place.folder().resolve("state").toString();
    String said =
        Command.of(place.runtime().toString(), "--root", root, "run", "debian-case")
            .in(bundle)
            .run()
            .ok()
            .out();
    contains(said, "ii  iputils-ping");
    that(!said.contains("ii  hello"), "what the last layer takes away is there");
    contains(said, "apt 2.");
  }

  private static void make(String layout, Path bundle) throws IOException {
    String image = layout + ":it";
    Command.of("umoci", "init", "--layout", layout).run().ok();
    Command.of("umoci", "new", "--image", image).run().ok();
    Command.of("umoci", "unpack", "--image", image, bundle.toString()).run().ok();
    Path root = bundle.resolve("rootfs");
    // What debootstrap mounts it does not always take away: this goes with the namespace.
    Command.of(
            "unshare",
            "--mount",
            "--propagation=private",
            "sh",
            "-c",
            """
            set -eu
            release=$(. /etc/os-release && echo "$VERSION_CODENAME")
            # The mirror that this machine's apt uses for the same release, else Debian's own.
            mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' \\
              | sed -n "s/^$release //p" | head -n 1)
            debootstrap --variant=minbase --cache-dir="$2" "$release" "$1" \\
              "${mirror:-http://deb.debian.org/debian}" >"$1/../log" 2>&1 || { cat "$1/../log"; exit 1; }
            rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/log/*
            """,
            "sh",
            root.toString(),
            PACKAGES)
        .within(300)
        .run()
        .ok();
    repack(image, bundle);
    List<String> download = new ArrayList<>(List.of("apt-get", "-q", "download"));
    download.addAll(ADDED);
    Path packages = Files.createDirectory(root.resolve("packages"));
    Command.of(download).in(packages).run().ok();
    Command.of("chroot", root.toString(), "sh", "-c", "dpkg -i /packages/*.deb && rm -r /packages")
        .with("DEBIAN_FRONTEND", "noninteractive")
        .run()
        .ok();
    repack(image, bundle);
    Command.of(
            "chroot",
            root.toString(),
            "sh",
            "-ceu",
            """
            dpkg -P hello
            rm -r /usr/share/doc && echo none >/usr/share/doc
            rm /etc/motd && mkdir -m 1777 /etc/motd && echo x >/etc/motd/inside
            rm -r /usr/share/zoneinfo/Europe && mkdir -p /usr/share/zoneinfo/Europe
            ln -s ../UTC /usr/share/zoneinfo/Europe/Nowhere
            ln /etc/debian_version /etc/same && chown 1000:50 /etc/issue && chmod 6755 /etc/issue
            touch -d '1999-12-31 23:59:59' /etc/hostname /opt
            mkfifo /run/fifo && ln -s /not/there /dangling
            """)
        .run()
        .ok();
    repack(image, bundle);
    Command.of(
            "umoci",
            "config",
            "--image",
            image,
            "--config.cmd=sh",
            "--config.cmd=-c",
            "--config.cmd=dpkg -l; apt-get --version; ls /etc/motd")
        .run()
        .ok();
  }

  private static void repack(String image, Path bundle) {
    Command.of("umoci", "repack", "--refresh-bundle", "--image", image, bundle.toString())
        .run()
        .ok();
  }

  private static void podman(Place place, String image, String tree) {
    if (!Files.exists(Path.of("/usr/bin/podman"))) {
      return;
    }
    TreeCases.podman(place, "pull", "-q", "--tls-verify=false", image).ok();
    Path theirs = Path.of(TreeCases.podman(place, "image", "mount", image).ok().out().strip());
    try {
      // A folder that an upper layer does not name, and puts something in, has the time of the
      // pull.
      same(folderless(tree), folderless(tree(theirs)), "podman's tree");
    } finally {
      TreeCases.podman(place, "image", "unmount", "--force", image).ok();
      TreeCases.podman(place, "image", "rm", "--force", image).ok();
      Command.of("umount", place.folder().resolve("podman/overlay").toString()).run();
    }
  }

  private static String timeless(String tree) {
    return tree.replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "");
  }

  private static String folderless(String tree) {
    return tree.replaceAll("(?m)^(.* 4\\d{4} \\d+:\\d+ - - )\\S+Z", "$1");
  }

  private static void same(String ours, String theirs, String what) {
    Set<String> more = new TreeSet<>(theirs.lines().toList());
    Set<String> fewer = new TreeSet<>(ours.lines().toList());
    ours.lines().forEach(more::remove);
    theirs.lines().forEach(fewer::remove);
    that(
        more.isEmpty() && fewer.isEmpty(),
        what
            + " differs:\n- "
            + String.join("\n- ", fewer.stream().limit(20).toList())
            + "\n+ "
            + String.join("\n+ ", more.stream().limit(20).toList()));
  }

  /** As other cases have it, and all extended attributes, those of security and trusted too. */
  private static String tree(Path root) {
    String attributes =
        Command.of(
                "sh",
                "-c",
                "getfattr -R -h -d -m - -e hex . 2>/dev/null"
                    + " | awk '/^# file: /{f=$3; next} NF{print f, $0}' | sort")
            .in(root)
            .run()
            .ok()
            .out();
    return TreeCases.tree(root) + "\n" + attributes;
  }
}

package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.registry.ImageMaker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** What comes of an image with a bit of everything, in the eyes of other programs. */
final class TreeCases {
  private TreeCases() {}

  static List<ImageCase> all() {
    return List.of(
        new ImageCase("a tree with a bit of everything is umoci's", TreeCases::likeUmoci),
        new ImageCase("a tree with a bit of everything is podman's", TreeCases::likePodman),
        new ImageCase("libisal and the JDK's zlib unpack the same", TreeCases::inflaters));
  }

  private static byte[] lower() throws IOException {
    return new ImageMaker()
        .folder("d", 0751)
        .file("d/a", 0644, "lower")
        .file("d/gone", 0644, "lower")
        .hardLink("d/same", "d/a")
        .folder("hidden", 0755)
        .file("hidden/old", 0644, "old")
        .file("replaced", 0644, "file")
        .symlink("link", "d/a")
        .symlink("nowhere", "/not/there")
        .special("fifo", TarConstants.LF_FIFO, 0622, entry -> {})
        .special("null", TarConstants.LF_CHR, 0666, entry -> device(entry, 1, 3))
        .special("disk", TarConstants.LF_BLK, 0660, entry -> device(entry, 7, 300))
        .special("sticky/", TarConstants.LF_DIR, 01777, entry -> entry.setIds(7, 8))
        .special("owned", TarConstants.LF_NORMAL, 06755, entry -> entry.setIds(1000, 50))
        .special("old", TarConstants.LF_NORMAL, 0600, entry -> entry.setModTime(0))
        .special("marked", TarConstants.LF_NORMAL, 0640, TreeCases::attributes)
        .special("kept/", TarConstants.LF_DIR, 0700, TreeCases::attributes)
        .tar();
  }

  private static void device(TarArchiveEntry entry, int major, int minor) {
    entry.setDevMajor(major);
    entry.setDevMinor(minor);
  }

  private static void attributes(TarArchiveEntry entry) {
    entry.addPaxHeader("SCHILY.xattr.user.one", "value=with = signs");
    entry.addPaxHeader("SCHILY.xattr.user.two", "");
  }

  private static byte[] upper() throws IOException {
    return new ImageMaker()
        .folder("d", 0711)
        .file("d/b", 0600, "upper")
        .whiteout("d/gone")
        .folder("hidden", 0700)
        .file("hidden/.wh..wh..opq", 0600, "")
        .file("hidden/new", 0644, "new")
        .folder("replaced", 0755)
        .file("replaced/inside", 0644, "x")
        .special("twice", TarConstants.LF_LINK, 0600, entry -> entry.setLinkName("d/b"))
        .tar();
  }

  private static String ours(Place place) throws Exception {
    place.push("tree", lower(), upper());
    String image = place.image("tree");
    place.jimage("pull", "-q", image).run().ok();
    place.jimage("bundle", image, "ours").run().ok();
    place.jimage("bundle", "--mode", "overlay", image, "shared").run().ok();
    String tree = tree(place.folder().resolve("ours/rootfs"));
    equal(tree, tree(place.folder().resolve("shared/rootfs")), "the tree of shared layers");
    place.jimage("unbundle", "shared").run().ok();
    that(tree.lines().count() == 19, tree);
    return tree;
  }

  private static void inflaters(Place place) throws Exception {
    place.push("tree", lower(), upper());
    String image = place.image("tree");
    place.jimage("pull", "-q", image).run().ok();
    place.jimage("bundle", image, "jdk").with("JIMAGE_INFLATER", "jdk").run().ok();
    place
        .jimage("bundle", image, "other")
        .with("JIMAGE_INFLATER", "other")
        .run()
        .code(1)
        .says("it may be jdk or libisal");
    Command.Outcome isal =
        place.jimage("bundle", image, "libisal").with("JIMAGE_INFLATER", "libisal").run();
    assume(!isal.err().contains("there is no libisal"), "libisal2 is not installed");
    isal.ok();
    Path folder = place.folder();
    equal(tree(folder.resolve("libisal/rootfs")), tree(folder.resolve("jdk/rootfs")), "the tree");
  }

  private static void likeUmoci(Place place) throws Exception {
    assume(Files.exists(Path.of("/usr/bin/umoci")), "umoci is not installed");
    String ours = ours(place);
    String layout = place.folder().resolve("layout") + ":it";
    place
        .jimage("copy", "-q", "--format", "oci", "store:" + place.image("tree"), "oci:" + layout)
        .run()
        .ok();
    Path theirs = place.folder().resolve("umoci");
    Command.of("umoci", "unpack", "--image", layout, theirs.toString()).run().ok();
    equal(tree(theirs.resolve("rootfs")), ours, "the tree");
  }

  private static void likePodman(Place place) throws Exception {
    assume(Files.exists(Path.of("/usr/bin/podman")), "podman is not installed");
    String ours = ours(place);
    String image = place.image("tree:latest");
    podman(place, "pull", "-q", "--tls-verify=false", image).ok();
    Path theirs = Path.of(podman(place, "image", "mount", image).ok().out().strip());
    try {
      equal(tree(theirs), ours, "the tree");
    } finally {
      podman(place, "image", "unmount", "--force", image).ok();
      podman(place, "image", "rm", "--force", image).ok();
      Command.of("umount", place.folder().resolve("podman/overlay").toString()).run();
    }
  }

  // Podman takes no run root of more than 50 characters.
  static Command.Outcome podman(Place place, String... words) {
    Path folder = place.folder();
    return Command.of(
            Command.words(
                List.of(
                    "/usr/bin/podman",
                    "--root",
                    folder.resolve("podman").toString(),
                    "--runroot",
                    folder.resolve("run").toString(),
                    "--tmpdir",
                    folder.resolve("tmp").toString(),
                    "--storage-driver",
                    "overlay",
                    "--cgroup-manager",
                    "cgroupfs"),
                words))
        .run();
  }

  /** Kind, mode, owner, device, size, time, target, attributes and other names of every file. */
  static String tree(Path root) {
    Map<Object, Path> first = new HashMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      List<String> lines = new ArrayList<>();
      for (Path file : files.filter(path -> !path.equals(root)).sorted().toList()) {
        lines.add(root.relativize(file) + " " + line(root, file, first));
      }
      return String.join("\n", lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String line(Path root, Path file, Map<Object, Path> first) throws IOException {
    Map<String, Object> facts = Files.readAttributes(file, "unix:*", LinkOption.NOFOLLOW_LINKS);
    boolean folder = Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
    boolean plain = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    int mode = facts.get("mode") instanceof Integer known ? known : 0;
    boolean device = mode >> 12 == 2 || mode >> 12 == 6;
    Path same = folder ? file : first.computeIfAbsent(facts.get("ino"), _ -> file);
    return "%o %s:%s %s %s %s%s%s%s"
        .formatted(
            mode,
            facts.get("uid"),
            facts.get("gid"),
            device ? facts.get("rdev") : "-",
            plain ? Files.size(file) : "-",
            facts.get("lastModifiedTime"),
            Files.isSymbolicLink(file) ? " -> " + Files.readSymbolicLink(file) : "",
            same.equals(file) ? "" : " is " + root.relativize(same),
            folder || plain ? attributes(file) : "");
  }

  private static String attributes(Path file) throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
    TreeMap<String, String> found = new TreeMap<>();
    for (String name : view.list()) {
      ByteBuffer value = ByteBuffer.allocate(view.size(name));
      view.read(name, value);
      found.put(name, StandardCharsets.ISO_8859_1.decode(value.flip()).toString());
    }
    return found.isEmpty() ? "" : " " + found;
  }
}

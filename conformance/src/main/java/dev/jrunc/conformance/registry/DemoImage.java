package dev.jrunc.conformance.registry;

import dev.jrunc.conformance.harness.Expect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** The image of the demo: busybox in three layers, for two platforms. */
public final class DemoImage {
  private static final String[] APPLETS = {
    "sh",
    "cat",
    "cut",
    "dd",
    "echo",
    "env",
    "grep",
    "hostname",
    "id",
    "ip",
    "ls",
    "ps",
    "readlink",
    "sleep",
    "tr",
    "true",
    "ulimit"
  };

  private DemoImage() {}

  /** Pushes it as {@code REPOSITORY:latest}; its program is a shell with {@code script}. */
  public static void push(LocalRegistry registry, String repository, String script)
      throws IOException {
    byte[] base =
        new ImageMaker()
            .folder("bin", 0755)
            .busybox(APPLETS)
            .folder("etc", 0755)
            .file("etc/passwd", 0644, "root:x:0:0:root:/root:/bin/sh\n")
            .file("etc/group", 0644, "root:x:0:\n")
            .folder("tmp", 01777)
            .tar();
    byte[] content =
        new ImageMaker()
            .folder("srv", 0755)
            .file("srv/page", 0644, "hello\n")
            .hardLink("srv/same", "srv/page")
            .file("srv/secret", 0600, "a later layer hides this\n")
            .tar();
    byte[] hiding = new ImageMaker().whiteout("srv/secret").tar();
    Pusher pusher = new Pusher(registry, repository);
    List<byte[]> layers = List.of(base, content, hiding);
    Pusher.Pushed amd64 = pusher.image("", "amd64", layers, config -> command(config, script));
    Pusher.Pushed arm64 = pusher.image("", "arm64", layers, config -> command(config, script));
    pusher.index("latest", List.of("arm64", "amd64"), List.of(arm64, amd64));
  }

  private static void command(
      com.fasterxml.jackson.databind.node.ObjectNode configuration, String script) {
    configuration.withObject("/config").putArray("Cmd").add("/bin/sh").add("-c").add(script);
  }

  /** Checks the tree that an unpacker made of it. */
  public static void check(Path rootfs) throws IOException {
    Expect.that(!Files.exists(rootfs.resolve("srv/secret")), "the whiteout hid nothing");
    Expect.equal(
        2,
        Files.getAttribute(rootfs.resolve("srv/page"), "unix:nlink", LinkOption.NOFOLLOW_LINKS),
        "the number of links of srv/page");
    Expect.equal("hello\n", Files.readString(rootfs.resolve("srv/same")), "srv/same");
    Expect.equal("busybox", Files.readSymbolicLink(rootfs.resolve("bin/sh")).toString(), "bin/sh");
  }
}

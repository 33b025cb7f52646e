package dev.jrunc.conformance.engines;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.registry.ImageMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A busybox image, as the archive that `docker save` writes: the one form all three engines load.
 */
final class TestImage {
  /** A full reference, since containerd completes none. */
  static final String NAME = "localhost/box:1";

  /** What the program of a failing start is called that may be read but not run. */
  static final String NOT_EXECUTABLE = "/etc/passwd";

  private static final String APPLETS =
      "sh true false ls cat id ps sleep echo mount hostname ip env pwd test touch kill stat head tail"
          + " readlink grep mkdir mknod rm wc tr dd tty stty unshare httpd wget chown sysctl df rmdir"
          + " cut";

  private TestImage() {}

  static Path write(Path file) throws IOException {
    byte[] layer = layer();
    ObjectMapper json = new ObjectMapper();
    ObjectNode config = json.createObjectNode();
    config.put("architecture", architecture()).put("os", "linux");
    config.withObject("/config").withArray("/Env").add("PATH=/bin");
    config.withObject("/config").withArray("/Cmd").add("sh");
    config.withObject("/rootfs").put("type", "layers");
    config.withObject("/rootfs").withArray("/diff_ids").add("sha256:" + sha256(layer));
    // Whose number of layers Podman holds against the layers there are when it builds on them.
    config.withArray("/history").addObject().put("created_by", "the tests");
    ObjectNode entry = json.createObjectNode().put("Config", "config.json");
    entry.withArray("/RepoTags").add(NAME);
    entry.withArray("/Layers").add("layer.tar");
    return Files.write(
        file,
        new ImageMaker()
            .file("layer.tar", 0644, layer)
            .file("config.json", 0644, config.toString())
            .file("manifest.json", 0644, json.createArrayNode().add(entry).toString())
            .tar());
  }

  private static byte[] layer() throws IOException {
    ImageMaker layer = new ImageMaker();
    for (String folder : "bin dev etc home proc root sys".split(" ")) {
      layer.folder(folder, 0755);
    }
    return layer
        .folder("tmp", 01777)
        .busybox(APPLETS.split(" "))
        .file(
            "etc/passwd",
            0644,
            "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000:web:/home:/bin/sh\n")
        .file("etc/group", 0644, "root:x:0:\nweb:x:1000:\nlog:x:2000:web\n")
        .tar();
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("aarch64") ? "arm64" : name;
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

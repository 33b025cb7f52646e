package dev.jrunc.conformance.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Expect;
import dev.jrunc.conformance.registry.Pusher;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * An image of five layers, 780 MiB and about 24,000 entries (18,000 files), as an image layout. Its
 * files are those of the distribution that this machine runs: small ones until the entries are
 * reached, then large ones until the bytes are. So an image is as it would be from a registry, and
 * needs none.
 */
final class HostImage {
  static final int LAYERS = 5;
  private static final long BYTES = 780L << 20;
  private static final int ENTRIES = 18_000;
  private static final long SMALL = 48 << 10;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path layout;
  private final List<Path> chosen = new ArrayList<>();
  private long bytes;

  private HostImage(Path layout) {
    this.layout = layout;
  }

  /** Makes it as {@code layout}, tagged {@code latest}; answers what it is made of. */
  static String make(Path layout) throws IOException {
    HostImage image = new HostImage(layout);
    image.choose();
    return image.write();
  }

  private void choose() throws IOException {
    List<Path> small = new ArrayList<>();
    List<Path> large = new ArrayList<>();
    for (String name : List.of("bin", "include", "lib", "sbin", "share")) {
      Path top = Path.of("/usr", name);
      Files.walkFileTree(
          top,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes facts) {
              return folder.endsWith("jvm")
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes facts) {
              if (facts.isRegularFile() || facts.isSymbolicLink()) {
                (facts.size() <= SMALL ? small : large).add(file);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
              return FileVisitResult.CONTINUE;
            }
          });
    }
    small.sort(null);
    large.sort(null);
    // Every n-th, so that all parts of the system are in it.
    take(small, Math.max(1, small.size() / (ENTRIES * 7 / 8)), BYTES, ENTRIES * 7 / 8);
    take(large, 1, BYTES, ENTRIES);
    chosen.sort(null);
  }

  private void take(List<Path> files, int step, long mostBytes, int mostFiles) throws IOException {
    for (int i = 0; i < files.size(); i += step) {
      if (bytes >= mostBytes || chosen.size() >= mostFiles) {
        return;
      }
      chosen.add(files.get(i));
      bytes +=
          Files.readAttributes(
                  files.get(i), BasicFileAttributes.class, java.nio.file.LinkOption.NOFOLLOW_LINKS)
              .size();
    }
  }

  private String write() throws IOException {
    Files.createDirectories(layout.resolve("blobs/sha256"));
    ArrayNode layers = JSON.createArrayNode();
    ArrayNode diffIds = JSON.createArrayNode();
    long packed = 0;
    int entries = 0;
    for (int i = 0; i < LAYERS; i++) {
      List<Path> part =
          chosen.subList(chosen.size() * i / LAYERS, chosen.size() * (i + 1) / LAYERS);
      Set<String> names = withFolders(part);
      entries += names.size();
      Path list = layout.resolve("list");
      Files.write(list, names);
      Path tar = layout.resolve("layer.tar");
      shell("tar --numeric-owner --no-recursion -C / -cf '" + tar + "' -T '" + list + "'");
      diffIds.add("sha256:" + shell("sha256sum <'" + tar + "'").substring(0, 64));
      shell("gzip -n '" + tar + "'");
      Path zipped = layout.resolve("layer.tar.gz");
      String hex = shell("sha256sum <'" + zipped + "'").substring(0, 64);
      long size = Files.size(zipped);
      packed += size;
      Files.move(zipped, layout.resolve("blobs/sha256").resolve(hex));
      Files.delete(list);
      ObjectNode layer = layers.addObject();
      layer.put("mediaType", "application/vnd.oci.image.layer.v1.tar+gzip");
      layer.put("digest", "sha256:" + hex).put("size", size);
    }
    documents(layers, diffIds);
    return "%d layers, %d MiB gzip, %d MiB of files, %d entries"
        .formatted(LAYERS, packed >> 20, bytes >> 20, entries);
  }

  // A folder before what is in it, as every builder writes them.
  private static Set<String> withFolders(List<Path> files) {
    Set<String> names = new LinkedHashSet<>();
    for (Path file : files) {
      for (int i = 1; i <= file.getNameCount(); i++) {
        names.add(file.subpath(0, i).toString());
      }
    }
    return names;
  }

  private void documents(ArrayNode layers, ArrayNode diffIds) throws IOException {
    ObjectNode config = JSON.createObjectNode();
    config.put("architecture", "amd64").put("os", "linux");
    config.putObject("config").putArray("Cmd").add("sh");
    config.putObject("rootfs").put("type", "layers").set("diff_ids", diffIds);
    ObjectNode manifest = JSON.createObjectNode().put("schemaVersion", 2);
    String manifestType = "application/vnd.oci.image.manifest.v1+json";
    manifest.put("mediaType", manifestType);
    manifest.set("config", blob(config, "application/vnd.oci.image.config.v1+json"));
    manifest.set("layers", layers);
    ObjectNode entry = blob(manifest, manifestType);
    entry.putObject("annotations").put("org.opencontainers.image.ref.name", "latest");
    ObjectNode index = JSON.createObjectNode().put("schemaVersion", 2);
    index.putArray("manifests").add(entry);
    Files.write(layout.resolve("index.json"), JSON.writeValueAsBytes(index));
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
  }

  private ObjectNode blob(ObjectNode document, String type) throws IOException {
    byte[] content = JSON.writeValueAsBytes(document);
    String digest = Pusher.digest(content);
    Files.write(layout.resolve("blobs").resolve(digest.replace(':', '/')), content);
    return JSON.createObjectNode()
        .put("mediaType", type)
        .put("digest", digest)
        .put("size", content.length);
  }

  private static String shell(String command) throws IOException {
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    try {
      int code = process.waitFor();
      // tar ends with 1 where a file changed meanwhile, which does no harm here.
      Expect.that(code <= 1, command + " ended with " + code);
      return said;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}

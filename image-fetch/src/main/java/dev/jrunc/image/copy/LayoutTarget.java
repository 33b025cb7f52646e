package dev.jrunc.image.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.digest.VerifyingStream;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Descriptor;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.manifest.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** An OCI layout in a folder, new or with other images in it. */
public final class LayoutTarget implements ImageTarget {
  private static final String NAME = "org.opencontainers.image.ref.name";

  private final Path folder;
  private final String name;

  public LayoutTarget(Path folder, String name) {
    this.folder = folder;
    this.name = name;
  }

  @Override
  public boolean blob(Descriptor blob, @Nullable String from, Content content) {
    Path file = path(blob);
    try {
      if (Files.exists(file) && Files.size(file) == blob.size() && isWhole(file, blob)) {
        return false;
      }
      Files.createDirectories(file.getParent());
      Path fresh = Files.createTempFile(file.getParent(), ".new-", "");
      try (InputStream in = new VerifyingStream(content.from(0), blob.digest(), blob.size())) {
        Files.copy(in, fresh, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
      return true;
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  private static boolean isWhole(Path file, Descriptor blob) throws IOException {
    try (InputStream in =
        new VerifyingStream(Files.newInputStream(file), blob.digest(), blob.size())) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return true;
    } catch (dev.jrunc.image.digest.WrongContent e) {
      return false;
    }
  }

  @Override
  public void manifest(Descriptor manifest, byte[] content) {
    blob(manifest, null, offset -> new ByteArrayInputStream(content));
  }

  @Override
  public void finish(Descriptor root, byte[] content) {
    manifest(root, content);
    Path index = folder.resolve("index.json");
    try (FileChannel lock = lock()) {
      // Held until the channel is closed: of two who add an image, neither loses the other's.
      FileLock _ = lock.lock();
      ObjectNode tree = Json.newObject();
      tree.put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
      ArrayNode entries = tree.putArray("manifests");
      if (Files.exists(index)) {
        JsonNode old = Json.object(Files.readAllBytes(index), "\"" + index + "\"");
        for (JsonNode entry : old.path("manifests")) {
          if (!isReplaced(entry, root)) {
            entries.add(entry);
          }
        }
        if (old.has("annotations")) {
          tree.set("annotations", old.get("annotations"));
        }
      }
      ObjectNode entry = entries.addObject();
      entry.put("mediaType", root.mediaType()).put("digest", root.digest().toString());
      entry.put("size", root.size());
      if (!name.isEmpty()) {
        entry.putObject("annotations").put(NAME, name);
      }
      write(index, Json.pretty(tree) + "\n");
    } catch (IOException e) {
      throw Reasons.cannotWrite(index, e);
    }
  }

  private boolean isReplaced(JsonNode entry, Descriptor root) {
    String own = entry.path("annotations").path(NAME).asText();
    return own.equals(name)
        && (!name.isEmpty() || entry.path("digest").asText().equals(root.digest().toString()));
  }

  /** A store of jimage has a file to lock; another layout has one that is never replaced. */
  private FileChannel lock() throws IOException {
    Path store = folder.resolve(".lock");
    Path layout = folder.resolve("oci-layout");
    if (!Files.exists(layout)) {
      write(layout, "{\"imageLayoutVersion\":\"1.0.0\"}");
    }
    return FileChannel.open(Files.exists(store) ? store : layout, StandardOpenOption.WRITE);
  }

  private static void write(Path file, String text) throws IOException {
    Path fresh = Files.createTempFile(file.getParent(), ".new-", "");
    try {
      Files.writeString(fresh, text, StandardCharsets.UTF_8);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private Path path(Descriptor blob) {
    return folder.resolve("blobs").resolve(blob.digest().relativePath());
  }
}

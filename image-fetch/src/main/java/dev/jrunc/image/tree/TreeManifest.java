package dev.jrunc.image.tree;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.Timestamp;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What ought to be in a tree, by what {@link TreeRecord} wrote down while it was unpacked. */
public final class TreeManifest {
  private static final DeviceNumber NO_DEVICE = new DeviceNumber(0, 0);

  private final TreeMap<String, FileFacts> files = new TreeMap<>(WalkOrder.OF_PATHS);
  private final Set<String> ofThisLayer = new HashSet<>();

  private TreeManifest() {}

  /** Reads records of layers that lie on each other, the lowest first. */
  public static TreeManifest read(List<Path> records) {
    TreeManifest manifest = new TreeManifest();
    for (Path record : records) {
      manifest.ofThisLayer.clear();
      try (BufferedReader lines = Files.newBufferedReader(record, StandardCharsets.UTF_8)) {
        for (String line; (line = lines.readLine()) != null; ) {
          byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
          manifest.apply(Json.object(bytes, "a line of \"" + record + "\""), record);
        }
      } catch (IOException e) {
        throw Reasons.cannotRead(record, e);
      }
    }
    return manifest;
  }

  /** By path, in the order of a walk; the root is the empty one. */
  public SortedMap<String, FileFacts> files() {
    return files;
  }

  private void apply(JsonNode line, Path record) {
    if (line.has("layer")) {
      ofThisLayer.clear();
    } else if (line.has("gone")) {
      String path = line.path("gone").asText();
      below(path).clear();
      files.remove(path);
    } else if (line.has("emptied")) {
      below(line.path("emptied").asText()).keySet().removeIf(path -> !ofThisLayer.contains(path));
    } else if (line.has("same")) {
      link(line.path("path").asText(), line.path("same").asText(), record);
    } else {
      put(line.path("path").asText(), facts(line));
    }
  }

  private void link(String path, String target, Path record) {
    FileFacts facts = files.get(target);
    if (facts == null) {
      throw new ImageFailure("\"" + record + "\" is damaged: it links to what it does not name");
    }
    put(path, facts.same().isEmpty() ? facts.withSame(target) : facts);
  }

  private void put(String path, FileFacts facts) {
    if (!facts.isFolder()) {
      below(path).clear();
    }
    files.put(path, facts);
    ofThisLayer.add(path);
  }

  private Map<String, FileFacts> below(String path) {
    return path.isEmpty()
        ? files.tailMap("", false)
        : files.subMap(path + "/", path + "/\u0100"); // no byte is as large
  }

  private static FileFacts facts(JsonNode line) {
    Map<String, byte[]> extended = new HashMap<>();
    try {
      for (Map.Entry<String, JsonNode> each : line.path("xattrs").properties()) {
        extended.put(each.getKey(), each.getValue().binaryValue());
      }
    } catch (IOException e) {
      throw new ImageFailure("a damaged record: " + Reasons.of(e), e);
    }
    return new FileFacts(
        line.path("kind").asText("?").charAt(0),
        line.path("mode").asInt(),
        line.path("uid").asLong(),
        line.path("gid").asLong(),
        line.path("size").asLong(),
        modified(line),
        device(line),
        line.path("target").asText(),
        extended,
        line.path("sha256").asText(),
        "");
  }

  // There is one record for each of up to millions of files.
  private static DeviceNumber device(JsonNode line) {
    return line.has("major")
        ? new DeviceNumber(line.path("major").asInt(), line.path("minor").asInt())
        : NO_DEVICE;
  }

  private static @Nullable Timestamp modified(JsonNode line) {
    return line.has("mtime")
        ? new Timestamp(line.path("mtime").asLong(), line.path("nsec").asInt())
        : null;
  }
}

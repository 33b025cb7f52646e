package dev.jrunc.image.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.jnr.JnrGate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Bundles of images that are written here, in JSON with ' for quotes. */
public final class Bundles {
  static final ImageStore STORE = new ImageStore(Path.of("never-used"));
  public static final Gate GATE = new JnrGate();

  private Bundles() {}

  public static BundleRequest request(Path folder, String configuration, byte[]... tars) {
    List<LayerSource> layers = new ArrayList<>();
    for (byte[] tar : tars) {
      Digest digest = Digest.sha256(tar);
      layers.add(
          new LayerSource(
              layers.size() + 1, digest.toString(), digest, () -> new ByteArrayInputStream(tar)));
    }
    byte[] json = configuration.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return new BundleRequest(
        folder, "registry.example/team/web_1:2.0", "sha256:0", layers, json, plain());
  }

  /** The same by another profile. */
  static BundleRequest with(BundleRequest request, Profile profile, @Nullable Boolean terminal) {
    BundleOptions options =
        new BundleOptions(
            BundleMode.COPY,
            profile,
            terminal,
            false,
            UnpackLimits.DEFAULT,
            IdMaps.none(),
            _ -> {});
    return new BundleRequest(
        request.folder(),
        request.imageName(),
        request.imageDigest(),
        request.layers(),
        request.configuration(),
        options);
  }

  public static JsonNode build(BundleRequest request) throws IOException {
    new BundleBuilder(GATE, STORE).build(request);
    return new ObjectMapper().readTree(request.folder().resolve("config.json").toFile());
  }

  public static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .skip(1)
          .map(file -> folder.relativize(file).toString())
          .filter(name -> !name.startsWith(".jimage"))
          .sorted()
          .toList();
    }
  }

  /** A copy, as jrunc likes it. */
  private static BundleOptions plain() {
    return new BundleOptions(
        BundleMode.COPY, Profile.JRUNC, null, true, UnpackLimits.DEFAULT, IdMaps.none(), _ -> {});
  }
}

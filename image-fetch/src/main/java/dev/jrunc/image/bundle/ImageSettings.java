package dev.jrunc.image.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an image's configuration says about running it, see the image specification's config.md.
 *
 * @param labels sorted by name, as everything that ends in config.json has one order
 */
record ImageSettings(
    List<String> entrypoint,
    List<String> command,
    List<String> environment,
    String workingDirectory,
    String user,
    String stopSignal,
    List<String> exposedPorts,
    List<String> volumes,
    Map<String, String> labels,
    Map<String, String> origin) {

  private static final List<String> ORIGIN =
      List.of("os", "os.version", "architecture", "variant", "author", "created");

  static ImageSettings of(JsonNode configuration) {
    JsonNode config = configuration.path("config");
    Map<String, String> labels = new TreeMap<>();
    for (Map.Entry<String, JsonNode> label : config.path("Labels").properties()) {
      labels.put(label.getKey(), label.getValue().asText());
    }
    List<String> ports = new ArrayList<>();
    config.path("ExposedPorts").fieldNames().forEachRemaining(ports::add);
    ports.sort(null);
    List<String> volumes = new ArrayList<>();
    config.path("Volumes").fieldNames().forEachRemaining(volumes::add);
    volumes.sort(null);
    Map<String, String> origin = new TreeMap<>();
    for (String field : ORIGIN) {
      origin.put(field, configuration.path(field).asText());
    }
    origin.put("os.features", String.join(",", texts(configuration.path("os.features"))));
    return new ImageSettings(
        texts(config.path("Entrypoint")),
        texts(config.path("Cmd")),
        texts(config.path("Env")),
        config.path("WorkingDir").asText(),
        config.path("User").asText(),
        config.path("StopSignal").asText(),
        ports,
        volumes,
        labels,
        origin);
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    for (JsonNode each : array) {
      texts.add(each.asText());
    }
    return List.copyOf(texts);
  }
}

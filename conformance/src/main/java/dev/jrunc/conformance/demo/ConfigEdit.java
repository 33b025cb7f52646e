package dev.jrunc.conformance.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Small changes to the config of a bundle, as a person would make them in an editor. */
final class ConfigEdit {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ConfigEdit() {}

  static void args(Path config, List<String> words) throws IOException {
    ObjectNode tree = (ObjectNode) JSON.readTree(config.toFile());
    ArrayNode args = tree.withObject("/process").putArray("args");
    words.forEach(args::add);
    JSON.writerWithDefaultPrettyPrinter().writeValue(config.toFile(), tree);
  }

  static void limitMemory(Path config, long bytes) throws IOException {
    ObjectNode tree = (ObjectNode) JSON.readTree(config.toFile());
    tree.withObject("/linux/resources/memory").put("limit", bytes).put("swap", bytes);
    JSON.writerWithDefaultPrettyPrinter().writeValue(config.toFile(), tree);
  }
}

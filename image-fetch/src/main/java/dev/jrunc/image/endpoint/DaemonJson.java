package dev.jrunc.image.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** {@code daemon.json} of Docker: {@code registry-mirrors} and {@code insecure-registries}. */
final class DaemonJson implements Rule.Source {
  private final List<URI> mirrors = new ArrayList<>();
  private final Set<String> insecure = new HashSet<>();

  DaemonJson(List<Path> files) {
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        read(file);
      }
    }
  }

  private void read(Path file) {
    try {
      byte[] content = Files.readAllBytes(file);
      if (new String(content, StandardCharsets.UTF_8).isBlank()) {
        return;
      }
      JsonNode tree = Json.object(content, "\"" + file + "\"");
      for (JsonNode each : tree.path("registry-mirrors")) {
        URI mirror = URI.create(each.asText());
        if (mirror.getRawAuthority() == null) {
          throw new IllegalArgumentException(
              "\"" + each.asText() + "\" is no http:// or https:// address");
        }
        mirrors.add(mirror);
      }
      tree.path("insecure-registries").forEach(each -> insecure.add(each.asText()));
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    } catch (IllegalArgumentException e) {
      throw new ImageFailure("\"" + file + "\" has an invalid mirror: " + e.getMessage(), e);
    }
  }

  @Override
  public Rule about(String host, String repository) {
    List<Endpoint> endpoints = new ArrayList<>();
    if (host.equals(ImageReference.DOCKER_HUB)) {
      for (URI mirror : mirrors) {
        boolean trusted = InsecureHosts.contains(insecure, mirror.getRawAuthority());
        endpoints.add(
            new Endpoint(
                mirror,
                mirror.getRawAuthority(),
                repository,
                "",
                Terms.COMMON.withWrittenScheme().insecure(trusted)));
      }
    }
    return new Rule(endpoints, null, InsecureHosts.contains(insecure, host), "");
  }
}

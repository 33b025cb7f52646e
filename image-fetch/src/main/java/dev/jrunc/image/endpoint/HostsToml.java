package dev.jrunc.image.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.endpoint.Terms.ClientFiles;
import dev.jrunc.image.failure.ImageFailure;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code certs.d/HOST/hosts.toml} of containerd: its docs/hosts.md. */
final class HostsToml implements Rule.Source {
  private static final Pattern ANYTHING = Pattern.compile("(?m)^\\s*[\\[a-z]");

  private final List<Path> folders;

  HostsToml(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  @Override
  public Rule about(String host, String repository) {
    for (Path folder : folders) {
      for (String name : new String[] {host, underscored(host), "_default"}) {
        Path file = folder.resolve(name).resolve("hosts.toml");
        if (Files.exists(file)) {
          JsonNode tree = Toml.read(file, ANYTHING);
          return tree == null ? Rule.NOTHING : new Reader(file, host, repository).read(tree);
        }
      }
    }
    return Rule.NOTHING;
  }

  /** A colon is no character for a file name everywhere. */
  private static String underscored(String host) {
    int colon = host.lastIndexOf(':');
    return colon < 0 ? host : host.substring(0, colon) + "_" + host.substring(colon + 1) + "_";
  }

  private record Reader(Path file, String host, String repository) {
    Rule read(JsonNode tree) {
      List<Endpoint> mirrors = new ArrayList<>();
      for (Map.Entry<String, JsonNode> each : tree.path("host").properties()) {
        Endpoint endpoint = endpoint(each.getKey(), each.getValue(), true);
        if (endpoint.terms().byTag() || endpoint.terms().byDigest()) {
          mirrors.add(endpoint);
        }
      }
      String server = tree.path("server").asText();
      Endpoint origin = server.isEmpty() ? null : endpoint(server, tree, false);
      return new Rule(mirrors, origin, tree.path("skip_verify").asBoolean(), "");
    }

    private Endpoint endpoint(String written, JsonNode table, boolean mirror) {
      URI address = address(written.contains("://") ? written : "https://" + written);
      boolean same = host.equals(address.getRawAuthority()) || !mirror;
      Terms terms =
          new Terms(
              can(table, "resolve"),
              can(table, "pull"),
              table.path("override_path").asBoolean(),
              true,
              table.path("skip_verify").asBoolean() || "http".equals(address.getScheme()),
              files(table.path("ca")),
              clients(table.path("client")),
              headers(table.path("header")));
      String key = mirror ? address.getRawAuthority() : host;
      return new Endpoint(address, key, repository, same ? "" : host, terms);
    }

    private URI address(String written) {
      try {
        URI address = URI.create(written);
        if (address.getHost() != null && String.valueOf(address.getScheme()).matches("https?")) {
          return address;
        }
      } catch (IllegalArgumentException e) {
        // Said below.
      }
      throw new ImageFailure("\"%s\" has the invalid address \"%s\"".formatted(file, written));
    }

    private static boolean can(JsonNode table, String what) {
      JsonNode capabilities = table.path("capabilities");
      if (capabilities.isMissingNode()) {
        return true;
      }
      for (JsonNode each : capabilities) {
        if (each.asText().equals(what)) {
          return true;
        }
      }
      return false;
    }

    private List<Path> files(JsonNode value) {
      List<Path> files = new ArrayList<>();
      if (value.isTextual()) {
        files.add(path(value));
      }
      value.forEach(each -> files.add(path(each)));
      return files;
    }

    /** One file, a list of files, or a list of pairs of certificate and key. */
    private List<ClientFiles> clients(JsonNode value) {
      List<ClientFiles> clients = new ArrayList<>();
      if (value.isTextual()) {
        clients.add(new ClientFiles(path(value), path(value)));
      }
      for (JsonNode each : value) {
        JsonNode certificate = each.isArray() ? each.path(0) : each;
        JsonNode key = each.isArray() && each.size() > 1 ? each.path(1) : certificate;
        clients.add(new ClientFiles(path(certificate), path(key)));
      }
      return clients;
    }

    private Path path(JsonNode value) {
      Path folder = file.getParent();
      return folder == null ? Path.of(value.asText()) : folder.resolve(value.asText());
    }

    private static Map<String, String> headers(@Nullable JsonNode table) {
      Map<String, String> headers = new HashMap<>();
      if (table != null) {
        for (Map.Entry<String, JsonNode> each : table.properties()) {
          JsonNode value = each.getValue();
          headers.put(each.getKey(), value.isArray() ? value.path(0).asText() : value.asText());
        }
      }
      return headers;
    }
  }
}

package dev.jrunc.image.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.failure.ImageFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code registries.conf} of podman, skopeo and buildah, with its drop-ins: containers-registries
 * .conf(5). Short names and the search for unqualified ones are not for jimage: its names are
 * Docker's.
 */
final class RegistriesConf implements Rule.Source {
  private static final Pattern INTEREST = Pattern.compile("(?m)^\\s*\\[\\[\\s*registry");

  private record Registry(Path file, String prefix, JsonNode table) {}

  private final List<Registry> registries;

  private RegistriesConf(List<Registry> registries) {
    this.registries = List.copyOf(registries);
  }

  /** A later file's table takes the place of an earlier one with the same prefix. */
  static RegistriesConf read(List<Path> files) {
    Map<String, Registry> byPrefix = new HashMap<>();
    for (Path file : files) {
      JsonNode tree = Toml.read(file, INTEREST);
      for (JsonNode table : tree == null ? List.<JsonNode>of() : tree.path("registry")) {
        String location = table.path("location").asText();
        String prefix = table.path("prefix").asText(location);
        if (prefix.isEmpty()) {
          throw new ImageFailure("\"" + file + "\" has a [[registry]] without prefix and location");
        }
        byPrefix.put(prefix, new Registry(file, prefix, table));
      }
    }
    return new RegistriesConf(new ArrayList<>(byPrefix.values()));
  }

  @Override
  public Rule about(String host, String repository) {
    String name = host + "/" + repository;
    Registry best = null;
    for (Registry each : registries) {
      if (matches(each.prefix, host, name)
          && (best == null || each.prefix.length() > best.prefix.length())) {
        best = each;
      }
    }
    return best == null ? Rule.NOTHING : rule(best, name);
  }

  private static boolean matches(String prefix, String host, String name) {
    if (prefix.startsWith("*.")) {
      return host.endsWith(prefix.substring(1)) && host.length() > prefix.length() - 1;
    }
    return name.equals(prefix) || name.startsWith(prefix + "/");
  }

  private static Rule rule(Registry registry, String name) {
    JsonNode table = registry.table;
    boolean digestsOnly = table.path("mirror-by-digest-only").asBoolean();
    List<Endpoint> mirrors = new ArrayList<>();
    for (JsonNode mirror : table.path("mirror")) {
      Endpoint endpoint = endpoint(registry, mirror.path("location").asText(), name);
      if (endpoint == null) {
        throw new ImageFailure(
            "\"%s\" has a mirror without location for \"%s\""
                .formatted(registry.file, registry.prefix));
      }
      String use = mirror.path("pull-from-mirror").asText(digestsOnly ? "digest-only" : "all");
      mirrors.add(
          endpoint.with(
              Terms.COMMON
                  .serving(!use.equals("digest-only"), !use.equals("tag-only"))
                  .insecure(mirror.path("insecure").asBoolean())));
    }
    String blocked =
        table.path("blocked").asBoolean()
            ? "\"%s\" is blocked by \"%s\"".formatted(registry.prefix, registry.file)
            : "";
    return new Rule(
        mirrors,
        endpoint(registry, table.path("location").asText(), name),
        table.path("insecure").asBoolean(),
        blocked);
  }

  /** The location takes the place of the prefix; with a wildcard there is nothing to replace. */
  private static @Nullable Endpoint endpoint(Registry registry, String location, String name) {
    if (location.isEmpty()) {
      return null;
    }
    String rest =
        registry.prefix.startsWith("*.")
            ? name.substring(name.indexOf('/'))
            : name.substring(registry.prefix.length());
    String there = location + rest;
    int slash = there.indexOf('/');
    if (slash < 0) {
      throw new ImageFailure(
          "\"%s\" maps \"%s\" to \"%s\", which has no repository"
              .formatted(registry.file, name, there));
    }
    String host = there.substring(0, slash);
    try {
      return Endpoint.of(host, there.substring(slash + 1));
    } catch (IllegalArgumentException e) {
      throw new ImageFailure(
          "\"%s\" has the invalid location \"%s\"".formatted(registry.file, location), e);
    }
  }
}

package dev.jrunc.image.signature;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.key.Keys;
import dev.jrunc.image.key.Pem;
import dev.jrunc.image.manifest.Json;
import dev.jrunc.image.reference.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@code policy.json}: containers-policy.json(5), for the transport {@code docker}. What it
 * cannot read it refuses, since a policy that is half understood lets in what it should not.
 */
public final class Policy {
  private static final Set<String> SIGNED_KEYS =
      Set.of("type", "keyPath", "keyPaths", "keyData", "keyDatas", "signedIdentity");

  private static final Set<String> KEY_SOURCES =
      Set.of("keyPath", "keyPaths", "keyData", "keyDatas");
  private static final Map<String, Set<String>> IDENTITY_KEYS =
      Map.of(
          "exactReference", Set.of("type", "dockerReference"),
          "exactRepository", Set.of("type", "dockerRepository"),
          "remapIdentity", Set.of("type", "prefix", "signedPrefix"));
  private static final Set<String> TRANSPORTS =
      Set.of(
          "atomic",
          "containers-storage",
          "dir",
          "docker",
          "docker-archive",
          "docker-daemon",
          "oci",
          "oci-archive",
          "openshift",
          "ostree",
          "sif",
          "tarball");

  private final Path file;
  private final JsonNode tree;

  private Policy(Path file, JsonNode tree) {
    this.file = file;
    this.tree = tree;
  }

  /** The explicit one, the user's, or the system's; {@code null} if there is none. */
  public static @Nullable Policy find(@Nullable Path explicit, Path home) {
    if (explicit != null) {
      return read(explicit);
    }
    Path own = home.resolve(".config/containers/policy.json");
    Path system = Path.of("/etc/containers/policy.json");
    return Files.exists(own) ? read(own) : Files.exists(system) ? read(system) : null;
  }

  public static Policy read(Path file) {
    try {
      JsonNode tree = Json.object(Files.readAllBytes(file), "policy \"" + file + "\"");
      if (!tree.path("default").isArray()) {
        throw new ImageFailure("policy \"" + file + "\" has no list \"default\"");
      }
      Policy policy = new Policy(file, tree);
      policy.checkAll();
      return policy;
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    }
  }

  @Override
  public String toString() {
    return "policy \"" + file + "\"";
  }

  /** All that must hold for an image: what the most exact scope says. */
  List<Requirement> about(ImageReference image) {
    JsonNode docker = tree.path("transports").path("docker");
    for (String scope : scopes(image)) {
      if (docker.has(scope)) {
        return requirements(docker.get(scope), "/transports/docker/" + scope.replace("/", "~1"));
      }
    }
    return requirements(tree.path("default"), "/default");
  }

  /**
   * All that must hold for an image that is no registry's.
   *
   * @param transport as {@code oci}
   * @param file where it is; a list about a folder is about all below it
   */
  public void checkElsewhere(String transport, Path file) {
    JsonNode lists = tree.path("transports").path(transport);
    JsonNode list = null;
    for (Path scope = file.toAbsolutePath(); list == null && scope != null; ) {
      list = lists.get(scope.toString());
      scope = scope.getParent();
    }
    if (list == null) {
      list = lists.has("") ? lists.get("") : tree.path("default");
    }
    for (JsonNode requirement : list) {
      String type = requirement.path("type").asText();
      if (type.equals("reject")) {
        throw new ImageFailure("%s:%s is rejected by %s".formatted(transport, file, this));
      }
      if (!type.equals("insecureAcceptAnything")) {
        throw new ImageFailure(
            "%s:%s is refused: %s asks for \"%s\", which jimage checks for images of registries only"
                .formatted(transport, file, this, type));
      }
    }
  }

  /** Every list, also of what is not pulled now: a wrong word anywhere was meant to keep out. */
  private void checkAll() {
    onlyKnown(tree, Set.of("default", "transports"), "");
    checkList(tree.path("default"), "/default");
    JsonNode transports = tree.path("transports");
    if (tree.has("transports") && !transports.isObject()) {
      throw invalid("/transports", "is no object");
    }
    for (Map.Entry<String, JsonNode> transport : transports.properties()) {
      String at = "/transports/" + transport.getKey();
      if (!TRANSPORTS.contains(transport.getKey())) {
        throw invalid(at, "is a transport that nobody knows");
      }
      if (!transport.getValue().isObject()) {
        throw invalid(at, "is no object");
      }
      for (Map.Entry<String, JsonNode> scope : transport.getValue().properties()) {
        checkList(scope.getValue(), at + "/" + scope.getKey().replace("/", "~1"));
      }
    }
  }

  private void checkList(JsonNode list, String pointer) {
    if (!list.isArray() || list.isEmpty()) {
      throw invalid(pointer, "is no list of requirements");
    }
    for (int i = 0; i < list.size(); i++) {
      JsonNode node = list.get(i);
      String at = pointer + "/" + i;
      String type = node.path("type").asText();
      switch (type) {
        case "insecureAcceptAnything", "reject" -> onlyKnown(node, Set.of("type"), at);
        case "sigstoreSigned" -> checkSigned(node, at);
        case "signedBy", "signedBaseLayer" -> {}
        default -> throw invalid(at, "has the unknown type \"" + type + "\"");
      }
    }
  }

  /** Without reading the keys: those of another image may lie elsewhere, or nowhere. */
  private void checkSigned(JsonNode node, String pointer) {
    onlyKnown(node, SIGNED_KEYS, pointer);
    long sources = KEY_SOURCES.stream().filter(node::has).count();
    if (sources != 1) {
      throw invalid(pointer, sources == 0 ? "names no key" : "names keys in more than one way");
    }
    if (node.has("signedIdentity")) {
      identity(node.get("signedIdentity"), pointer + "/signedIdentity");
    }
  }

  private void onlyKnown(JsonNode node, Set<String> known, String pointer) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!known.contains(entry.getKey())) {
        throw invalid(pointer + "/" + entry.getKey(), "is not known to jimage");
      }
    }
  }

  private static List<String> scopes(ImageReference image) {
    List<String> scopes = new ArrayList<>();
    scopes.add(image.toString());
    String path = image.host() + "/" + image.repository();
    for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
      scopes.add(path.substring(0, end));
    }
    String host = image.host();
    for (int dot = host.indexOf('.'); dot > 0; dot = host.indexOf('.', dot + 1)) {
      scopes.add("*" + host.substring(dot));
    }
    scopes.add("");
    return scopes;
  }

  private List<Requirement> requirements(JsonNode list, String pointer) {
    List<Requirement> requirements = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      requirements.add(requirement(list.get(i), pointer + "/" + i));
    }
    return requirements;
  }

  private Requirement requirement(JsonNode node, String pointer) {
    String type = node.path("type").asText();
    return switch (type) {
      case "insecureAcceptAnything" -> new Requirement.Accept();
      case "reject" -> new Requirement.Reject();
      case "sigstoreSigned" -> signed(node, pointer);
      default -> new Requirement.Unknown(type);
    };
  }

  private Requirement signed(JsonNode node, String pointer) {
    List<PublicKey> keys = new ArrayList<>();
    if (node.has("keyPath")) {
      keys.add(Keys.read(Path.of(node.get("keyPath").asText())));
    }
    node.path("keyPaths").forEach(path -> keys.add(Keys.read(Path.of(path.asText()))));
    if (node.has("keyData")) {
      keys.add(data(node.get("keyData"), pointer));
    }
    node.path("keyDatas").forEach(data -> keys.add(data(data, pointer)));
    if (keys.isEmpty()) {
      throw invalid(pointer, "names no key");
    }
    Identity identity =
        node.has("signedIdentity")
            ? identity(node.get("signedIdentity"), pointer + "/signedIdentity")
            : new Identity.SameOrDigest();
    return new Requirement.Signed(keys, identity, this + " " + pointer);
  }

  private PublicKey data(JsonNode data, String pointer) {
    try {
      byte[] text = Base64.getDecoder().decode(data.asText());
      return Pem.publicKey(new String(text, StandardCharsets.UTF_8), this + " " + pointer);
    } catch (IllegalArgumentException e) {
      throw invalid(pointer, "has key data that is no Base64");
    }
  }

  private Identity identity(JsonNode node, String pointer) {
    String type = node.path("type").asText();
    onlyKnown(node, IDENTITY_KEYS.getOrDefault(type, Set.of("type")), pointer);
    return switch (type) {
      case "matchExact" -> new Identity.Same();
      case "matchRepoDigestOrExact" -> new Identity.SameOrDigest();
      case "matchRepository" -> new Identity.SameRepository();
      case "exactReference" -> new Identity.Reference(text(node, "dockerReference", pointer));
      case "exactRepository" -> new Identity.Repository(text(node, "dockerRepository", pointer));
      case "remapIdentity" ->
          new Identity.Remapped(text(node, "prefix", pointer), text(node, "signedPrefix", pointer));
      default -> throw invalid(pointer, "has the unknown type \"" + type + "\"");
    };
  }

  private String text(JsonNode node, String key, String pointer) {
    String text = node.path(key).asText();
    if (text.isEmpty()) {
      throw invalid(pointer, "has no \"" + key + "\"");
    }
    return text;
  }

  private ImageFailure invalid(String pointer, String why) {
    return new ImageFailure("%s is invalid at \"%s\": it %s".formatted(this, pointer, why));
  }
}

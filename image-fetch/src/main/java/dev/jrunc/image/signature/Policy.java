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
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@code policy.json}: containers-policy.json(5), for the transport {@code docker}. What it
 * cannot read it refuses, since a policy that is half understood lets in what it should not.
 */
public final class Policy {
  private static final Set<String> SIGNED_KEYS =
      Set.of("type", "keyPath", "keyPaths", "keyData", "keyDatas", "signedIdentity");

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
      return new Policy(file, tree);
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
    if (!list.isArray() || list.isEmpty()) {
      throw invalid(pointer, "is no list of requirements");
    }
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
      case "signedBy", "signedBaseLayer" -> new Requirement.Unknown(type);
      default -> throw invalid(pointer, "has the unknown type \"" + type + "\"");
    };
  }

  private Requirement signed(JsonNode node, String pointer) {
    node.fieldNames()
        .forEachRemaining(key -> {
          if (!SIGNED_KEYS.contains(key)) {
            throw invalid(pointer + "/" + key, "is not known to jimage");
          }
        });
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

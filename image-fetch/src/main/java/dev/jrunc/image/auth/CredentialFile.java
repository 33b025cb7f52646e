package dev.jrunc.image.auth;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An {@code auth.json} or {@code config.json} as {@code docker login} and {@code podman login}
 * write it.
 */
final class CredentialFile {
  private static final int LARGEST = 1024 * 1024;

  private final Path file;
  private final JsonNode content;

  private CredentialFile(Path file, JsonNode content) {
    this.file = file;
    this.content = content;
  }

  /** {@code null} where there is no such file. */
  static @Nullable CredentialFile open(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        return null;
      }
      if (Files.size(file) > LARGEST) {
        throw new ImageFailure("credential file \"" + file + "\" is larger than 1 MiB");
      }
      byte[] bytes = Files.readAllBytes(file);
      return bytes.length == 0
          ? null
          : new CredentialFile(file, Json.object(bytes, "credential file \"" + file + "\""));
    } catch (IOException e) {
      throw Reasons.cannotRead(file, e);
    }
  }

  /**
   * The helper to ask for {@code host}. Only an exact host counts: a pattern would hand the
   * credentials of one registry to another (CVE-2024-35192).
   */
  @Nullable String helperFor(String host) {
    String own = content.path("credHelpers").path(host).asText();
    if (!own.isEmpty()) {
      return own;
    }
    String common = content.path("credsStore").asText();
    return common.isEmpty() ? null : common;
  }

  /** The first key of {@code keys}, most exact first, that holds a usable entry. */
  @Nullable Credential find(List<String> keys) {
    for (String key : keys) {
      JsonNode entry = content.path("auths").path(key);
      Credential credential = entry.isObject() ? read(entry) : null;
      if (credential != null) {
        return credential;
      }
    }
    return null;
  }

  private @Nullable Credential read(JsonNode entry) {
    String source = "\"" + file + "\"";
    if (!entry.path("identitytoken").asText().isEmpty()) {
      return new Credential.IdentityToken(entry.path("identitytoken").asText(), source);
    }
    if (!entry.path("registrytoken").asText().isEmpty()) {
      return new Credential.RegistryToken(entry.path("registrytoken").asText(), source);
    }
    String pair = decode(entry.path("auth").asText());
    int colon = pair.indexOf(':');
    if (colon > 0) {
      return new Credential.UserPassword(
          pair.substring(0, colon), pair.substring(colon + 1), source);
    }
    String user = entry.path("username").asText();
    return user.isEmpty()
        ? null
        : new Credential.UserPassword(user, entry.path("password").asText(), source);
  }

  /**
   * An entry that cannot be decoded is no entry, as for every other tool; old files end in NULs.
   */
  private static String decode(String base64) {
    try {
      String pair = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
      int end = pair.length();
      while (end > 0 && pair.charAt(end - 1) == 0) {
        end--;
      }
      return pair.substring(0, end);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}

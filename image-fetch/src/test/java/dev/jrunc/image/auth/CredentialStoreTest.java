package dev.jrunc.image.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.failure.ImageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialStoreTest {
  @TempDir Path folder = Path.of("unset");

  @Test
  void prefersTheMostExactPath() throws IOException {
    CredentialStore store =
        store(
            "{'auths':{'h:1':{'auth':'%s'},'h:1/a':{'auth':'%s'},'h:1/a/b':{'auth':'%s'}}}"
                .formatted(pair("host:1"), pair("a:1"), pair("ab:1")));
    assertUser("ab", store.find("h:1", "a/b"));
    assertUser("a", store.find("h:1", "a/c"));
    assertUser("host", store.find("h:1", "x"));
    assertEquals(new Credential.Anonymous(), store.find("h", "x"));
  }

  @Test
  void knowsDockerHubByItsOldKey() throws IOException {
    CredentialStore store =
        store(
            "{'auths':{'https://index.docker.io/v1/':{'auth':'%s'}}}"
                .formatted(pair("me:p:w\0\0")));
    Credential.UserPassword found =
        (Credential.UserPassword) store.find("docker.io", "library/alpine");
    assertEquals("me", found.user());
    assertEquals("p:w", found.password());
  }

  @Test
  void skipsEntriesThatCannotBeRead() throws IOException {
    CredentialStore store =
        store("{'auths':{'h/a':{'auth':'!!'},'h':{'auth':'%s'}}}".formatted(pair("nocolon")));
    assertEquals(new Credential.Anonymous(), store.find("h", "a"));
  }

  @Test
  void takesIdentityTokens() throws IOException {
    CredentialStore store =
        store("{'auths':{'h':{'auth':'%s','identitytoken':'T'}}}".formatted(pair("u:")));
    assertEquals("T", ((Credential.IdentityToken) store.find("h", "a")).token());
  }

  @Test
  void takesReadyTokens() throws IOException {
    CredentialStore store = store("{'auths':{'h':{'registrytoken':'R'}}}");
    assertEquals("R", ((Credential.RegistryToken) store.find("h", "a")).token());
  }

  @Test
  void namesAFileThatIsBroken() throws IOException {
    CredentialStore store = store("{");
    ImageFailure failure = assertThrows(ImageFailure.class, () -> store.find("h", "a"));
    assertTrue(String.valueOf(failure.getMessage()).contains("auth.json"), failure::toString);
  }

  @Test
  void looksAtPodmansFilesBeforeDockers() throws IOException {
    write("run/containers/auth.json", "podman:1");
    write(".docker/config.json", "docker:1");
    assertUser("docker", CredentialStore.of(Map.of(), folder).find("h", "a"));
    Map<String, String> environment = Map.of("XDG_RUNTIME_DIR", folder + "/run");
    assertUser("podman", CredentialStore.of(environment, folder).find("h", "a"));
    Map<String, String> explicit =
        Map.of("REGISTRY_AUTH_FILE", folder + "/none", "XDG_RUNTIME_DIR", folder + "/run");
    assertEquals(new Credential.Anonymous(), CredentialStore.of(explicit, folder).find("h", "a"));
  }

  private void write(String name, String pair) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, "{\"auths\":{\"h\":{\"auth\":\"" + pair(pair) + "\"}}}");
  }

  private void assertUser(String user, Credential found) {
    assertEquals(user, ((Credential.UserPassword) found).user());
  }

  private CredentialStore store(String json) throws IOException {
    Path file = folder.resolve("auth.json");
    Files.writeString(file, json.replace('\'', '"'));
    return new CredentialStore(List.of(file));
  }

  private static String pair(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }
}

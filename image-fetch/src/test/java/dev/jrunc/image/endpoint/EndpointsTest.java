package dev.jrunc.image.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.reference.ImageReference;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as podman, containerd and Docker document them. */
class EndpointsTest {
  private static final String DIGEST = Digest.sha256(new byte[0]).toString();

  @TempDir Path folder = Path.of("unset");

  @Test
  void asksTheRegistryItselfWithoutFiles() {
    assertEquals(
        List.of("https://registry-1.docker.io/v2/library/alpine/manifests/latest"),
        manifests("alpine"));
    assertEquals(List.of("https://quay.io/v2/a/b/manifests/1"), manifests("quay.io/a/b:1"));
  }

  @Test
  void obeysRegistriesConf() throws IOException {
    registries(
        """
        unqualified-search-registries = ["docker.io"]
        [[registry]]
        prefix = "docker.io"
        location = "docker.io"
        [[registry.mirror]]
        location = "mirror.example:5000/hub"
        insecure = true
        [[registry.mirror]]
        location = "digests.example"
        pull-from-mirror = "digest-only"
        [[registry]]
        prefix = "example.com/foo"
        location = "internal.example/bar"
        insecure = true
        [[registry]]
        prefix = "example.com/foo/secret"
        blocked = true
        [[registry]]
        prefix = "*.test"
        mirror = [{ location = "any.example" }]
        """);
    assertEquals(
        List.of(
            "https://mirror.example:5000/v2/hub/library/alpine/manifests/latest",
            "https://registry-1.docker.io/v2/library/alpine/manifests/latest"),
        manifests("alpine"));
    assertTrue(pull("alpine").getFirst().terms().insecure());
    assertFalse(pull("alpine").getLast().terms().insecure());
    assertEquals(3, manifests("alpine@" + DIGEST).size());
    assertEquals(
        List.of("https://internal.example/v2/bar/x/manifests/latest"),
        manifests("example.com/foo/x"));
    assertTrue(pull("example.com/foo/x").getFirst().terms().insecure());
    assertEquals(
        List.of("https://example.com/v2/foobar/manifests/latest"), manifests("example.com/foobar"));
    assertEquals("https://any.example/v2/x/manifests/latest", manifests("r.test/x").getFirst());
    ImageFailure failure =
        assertThrows(ImageFailure.class, () -> manifests("example.com/foo/secret/x"));
    assertTrue(String.valueOf(failure.getMessage()).contains("is blocked by"));
  }

  @Test
  void namesTheLineOfAFileThatIsNoToml() throws IOException {
    registries("[[registry]]\nprefix = \n");
    ImageFailure failure = assertThrows(ImageFailure.class, () -> manifests("alpine"));
    assertTrue(String.valueOf(failure.getMessage()).contains("is not valid TOML"));
    assertTrue(String.valueOf(failure.getMessage()).contains("line 2"), failure::getMessage);
  }

  @Test
  void obeysHostsToml() throws IOException {
    Path own = Files.createDirectories(folder.resolve("certs.d/quay.io"));
    Files.writeString(
        own.resolve("hosts.toml"),
        """
        server = "https://quay.io"
        [host."https://mirror.example/v2/proxy"]
          capabilities = ["pull", "resolve"]
          override_path = true
          ca = "ca.pem"
          client = [["client.cert", "client.key"]]
          [host."https://mirror.example/v2/proxy".header]
            x-custom = "yes"
        [host."http://plain.example:5000"]
          capabilities = ["pull"]
        """);
    Path other = Files.createDirectories(folder.resolve("certs.d/r.example_5000_"));
    Files.writeString(other.resolve("hosts.toml"), "server = \"https://there.example\"\n");
    Path common = Files.createDirectories(folder.resolve("certs.d/_default"));
    Files.writeString(common.resolve("hosts.toml"), "[host.\"https://all.example\"]\n");
    assertEquals(
        List.of(
            "https://mirror.example/v2/proxy/a/b/manifests/1?ns=quay.io",
            "https://quay.io/v2/a/b/manifests/1"),
        manifests("quay.io/a/b:1"));
    assertEquals(
        "http://plain.example:5000/v2/a/b/manifests/" + DIGEST + "?ns=quay.io",
        manifests("quay.io/a/b@" + DIGEST).get(1));
    Terms terms = pull("quay.io/a/b").getFirst().terms();
    assertEquals(Map.of("x-custom", "yes"), terms.headers());
    assertEquals(List.of(own.resolve("ca.pem")), terms.authorities());
    assertEquals(own.resolve("client.key"), terms.clients().getFirst().key());
    assertEquals(
        List.of("https://there.example/v2/x/manifests/latest"), manifests("r.example:5000/x"));
    assertEquals(2, manifests("ghcr.io/x/y").size());
  }

  @Test
  void obeysDaemonJson() throws IOException {
    Files.writeString(
        folder.resolve("daemon.json"),
        """
        {"registry-mirrors": ["https://hub.example/"], "insecure-registries": ["10.0.0.0/8", "r.example:5000"]}
        """);
    assertEquals("https://hub.example/v2/library/a/manifests/latest", manifests("a").getFirst());
    assertEquals(1, manifests("quay.io/a").size());
    assertTrue(pull("10.1.2.3:5000/a").getFirst().terms().insecure());
    assertFalse(pull("11.1.2.3/a").getFirst().terms().insecure());
    assertTrue(pull("r.example:5000/a").getFirst().terms().insecure());
    assertFalse(pull("r.example/a").getFirst().terms().insecure());
  }

  @Test
  void namesAMirrorWithoutScheme() throws IOException {
    Files.writeString(folder.resolve("daemon.json"), "{\"registry-mirrors\": [\"hub\"]}");
    ImageFailure failure = assertThrows(ImageFailure.class, () -> pull("a"));
    assertTrue(String.valueOf(failure.getMessage()).contains("\"hub\""), failure::toString);
  }

  @Test
  void takesTheCommandLineFirstAndNeverPushesToAMirror() throws IOException {
    Files.writeString(
        folder.resolve("daemon.json"), "{\"registry-mirrors\": [\"https://hub.example\"]}");
    Endpoints endpoints =
        Endpoints.of(
            Map.of("docker.io", List.of(URI.create("http://first.example"))), Set.of(), files());
    ImageReference image = ImageReference.parse("a");
    assertEquals("http://first.example", endpoints.toPull(image).getFirst().base().toString());
    assertEquals(3, endpoints.toPull(image).size());
    assertEquals("https://registry-1.docker.io", endpoints.toPush(image).base().toString());
  }

  private void registries(String text) throws IOException {
    Files.writeString(folder.resolve("registries.conf"), text);
  }

  private ConfigurationFiles files() {
    return new ConfigurationFiles(
        List.of(folder.resolve("registries.conf")),
        List.of(folder.resolve("certs.d")),
        List.of(folder.resolve("daemon.json")));
  }

  private List<Endpoint> pull(String image) {
    return Endpoints.of(Map.of(), Set.of(), files()).toPull(ImageReference.parse(image));
  }

  private List<String> manifests(String image) {
    String selector = ImageReference.parse(image).selector();
    return pull(image).stream().map(each -> each.manifest(selector).toString()).toList();
  }
}

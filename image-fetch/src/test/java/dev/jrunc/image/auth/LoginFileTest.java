package dev.jrunc.image.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoginFileTest {
  private static final Credential.UserPassword ME = new Credential.UserPassword("me", "s:c", "x");

  @TempDir Path folder = Path.of("unset");

  @Test
  void keepsWhatElseIsInTheFileAndLetsNobodyElseRead() throws IOException {
    Path file = folder.resolve("deep/auth.json");
    Files.createDirectories(file.getParent());
    Files.writeString(
        file, "{\"auths\":{\"other\":{\"auth\":\"eDp5\"}},\"HttpHeaders\":{\"a\":1}}");
    LoginFile login = LoginFile.choose(file, Map.of(), folder);
    login.store("r.example", ME);
    assertTrue(Files.readString(file).contains("HttpHeaders"));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    CredentialStore store = new CredentialStore(List.of(file));
    assertEquals("s:c", ((Credential.UserPassword) store.find("r.example", "x")).password());
    assertEquals(List.of("r.example"), login.erase("r.example"));
    assertTrue(store.find("r.example", "x") instanceof Credential.Anonymous);
    assertEquals(List.of("other"), login.eraseAll());
  }

  @Test
  void knowsTheNamesOfDockersHub() throws IOException {
    Path file = folder.resolve("config.json");
    LoginFile login = LoginFile.choose(null, Map.of("REGISTRY_AUTH_FILE", file + ""), folder);
    assertEquals("docker.io", LoginFile.host("https://index.docker.io/v1/"));
    login.store("docker.io", ME);
    assertTrue(Files.readString(file).contains("https://index.docker.io/v1/"));
    assertEquals(1, login.erase("docker.io").size());
    assertFalse(Files.readString(file).contains("index.docker.io"));
  }
}

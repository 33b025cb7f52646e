package dev.jrunc.image.pull;

import static dev.jrunc.image.registry.FaultyRegistry.cutAfter;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.registry.FaultyRegistry.Seen;
import dev.jrunc.image.registry.TestImage;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens and passwords. */
class PullLoginTest extends PullTest {
  @Test
  void takesATokenForNothing() throws IOException {
    registry().push("a/demo", "latest", new TestImage().gzip(TOP));
    registry().wantTokens("");
    pull("a/demo");
    List<Seen> asked = registry().seen("/token");
    assertEquals(1, asked.size());
    assertTrue(asked.get(0).query().contains("scope=repository:a/demo:pull"));
    assertTrue(asked.get(0).query().contains("service=test"));
    assertNull(asked.get(0).authorization());
  }

  @Test
  void showsStoredCredentialsToTheTokenServer() throws IOException {
    registry().push("demo", "latest", new TestImage().gzip(TOP));
    registry().wantTokens("me:secret");
    assertFails("denies access to \"demo\" without credentials", "demo");
    credentials("me:wrong", "");
    assertFails("refused the credentials for \"demo\" (user \"me\" from", "demo");
    credentials("me:secret", "");
    assertEquals(1, pull("demo").layers().size());
  }

  @Test
  void tradesAnIdentityTokenByPost() throws IOException {
    registry().push("demo", "latest", new TestImage().gzip(TOP));
    registry().wantTokens("me:secret");
    credentials("me:", "identity");
    pull("demo");
    Seen asked = registry().seen("/token").get(0);
    assertEquals("POST", asked.method());
    assertTrue(asked.body().contains("grant_type=refresh_token"));
    assertNull(asked.authorization());
  }

  @Test
  void takesBasic() throws IOException {
    registry().push("demo", "latest", new TestImage().gzip(TOP));
    registry().wantBasic("me:secret");
    assertFails("without credentials", "demo");
    credentials("me:wrong", "");
    assertFails("refused the credentials", "demo");
    credentials("me:secret", "");
    assertEquals(1, pull("demo").layers().size());
  }

  @Test
  void fetchesANewTokenInTheMiddleOfALayer() throws IOException {
    registry().push("demo", "latest", new TestImage().gzip(BASE));
    registry().wantTokens("");
    registry()
        .fail(
            blob(BASE),
            (exchange, bytes) -> {
              registry().requireFreshToken();
              cutAfter(50_000).answer(exchange, bytes);
            });
    pull("demo");
    assertTrue(registry().seen("/token").size() >= 2);
    assertTrue(registry().seen(blob(BASE)).stream().anyMatch(seen -> seen.range() != null));
  }

  @Test
  void outlivesTokensThatServeOnce() throws IOException {
    registry().push("demo", "latest", new TestImage().gzip(TOP));
    registry().wantTokens("");
    registry().usesPerToken(1);
    assertEquals(1, pull("demo").layers().size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/token",
        "http://[fe80::1]/token",
        "ftp://127.0.0.1/token",
        "http://me:pw@127.0.0.1/token"
      })
  void refusesTokenServersInPlacesTheyCannotBe(String realm) {
    registry().push("demo", "latest", new TestImage().gzip(TOP));
    registry().wantTokens("");
    registry().realm(realm);
    assertFails("refused the token server", "demo");
  }
}

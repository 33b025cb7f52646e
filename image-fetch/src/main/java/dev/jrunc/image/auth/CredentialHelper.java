package dev.jrunc.image.auth;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** A {@code docker-credential-NAME} program: the server on its input, JSON on its output. */
final class CredentialHelper {
  private static final int LARGEST_ANSWER = 64 * 1024;
  private static final long PATIENCE_SECONDS = 60;

  private final String program;

  CredentialHelper(String name) {
    if (!name.chars()
        .allMatch(c -> Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.')) {
      throw new ImageFailure("\"" + name + "\" is not the name of a credential helper");
    }
    this.program = "docker-credential-" + name;
  }

  Credential get(String server) {
    Said said = run("get", server, server);
    return said.code == 0 ? read(said.answer) : refused(server, said.answer);
  }

  void store(String server, String user, String secret) {
    String entry =
        Json.line(
            Json.newObject().put("ServerURL", server).put("Username", user).put("Secret", secret));
    Said said = run("store", server, entry);
    if (said.code != 0) {
      throw failed(server, said.answer);
    }
  }

  /** Whether there was something to forget. */
  boolean erase(String server) {
    return run("erase", server, server).code == 0;
  }

  private record Said(int code, byte[] answer) {}

  private Said run(String verb, String server, String text) {
    try {
      Process process =
          new ProcessBuilder(program, verb).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (OutputStream input = process.getOutputStream()) {
        input.write(text.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // It ended without reading: what it says and its exit code tell why.
      }
      byte[] answer = process.getInputStream().readNBytes(LARGEST_ANSWER);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new ImageFailure("credential helper \"" + program + "\" does not answer");
      }
      return new Said(process.exitValue(), answer);
    } catch (IOException e) {
      throw new ImageFailure(
          "cannot run credential helper \"" + program + "\" for " + server + ": " + e.getMessage(),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageFailure("interrupted while asking \"" + program + "\"", e);
    }
  }

  private Credential read(byte[] answer) {
    JsonNode tree = Json.object(answer, "the answer of \"" + program + "\"");
    String user = tree.path("Username").asText();
    String secret = tree.path("Secret").asText();
    String source = "\"" + program + "\"";
    if (user.equals("<token>")) {
      return new Credential.IdentityToken(secret, source);
    }
    return user.isEmpty() && secret.isEmpty()
        ? new Credential.Anonymous()
        : new Credential.UserPassword(user, secret, source);
  }

  private Credential refused(String server, byte[] answer) {
    String said = new String(answer, StandardCharsets.UTF_8).strip();
    if (said.contains("credentials not found")) {
      return new Credential.Anonymous();
    }
    throw failed(server, answer);
  }

  private ImageFailure failed(String server, byte[] answer) {
    String said = new String(answer, StandardCharsets.UTF_8).strip();
    return new ImageFailure(
        "credential helper \"" + program + "\" failed for " + server + ": " + said);
  }
}

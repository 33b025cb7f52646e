package dev.jrunc.image.auth;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.manifest.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A {@code docker-credential-NAME} program: the server on its input, JSON on its output. */
final class CredentialHelper {
  private static final int LARGEST_ANSWER = 64 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration AFTERWARDS = Duration.ofSeconds(1);

  private final String program;
  private final Duration patience;

  /**
   * @param program a path, or a name to look for
   * @param patience from its start to its end
   */
  CredentialHelper(String program, Duration patience) {
    this.program = program;
    this.patience = patience;
  }

  /** The one that a configuration calls so. */
  static CredentialHelper named(String name) {
    if (!name.chars()
        .allMatch(c -> Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.')) {
      throw new ImageFailure("\"" + name + "\" is not the name of a credential helper");
    }
    return new CredentialHelper("docker-credential-" + name, PATIENCE);
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
    Process process;
    try {
      process =
          new ProcessBuilder(program, verb).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new ImageFailure(
          "cannot run credential helper \"" + program + "\" for " + server + ": " + e.getMessage(),
          e);
    }
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    // Beside the wait for its end: a helper may hang before it reads, and before it has answered.
    Thread.ofPlatform().daemon().start(() -> ask(process, text));
    Thread reader = Thread.ofPlatform().daemon().start(() -> listen(process, answer));
    try {
      if (!process.waitFor(patience)) {
        throw new ImageFailure(
            "credential helper \"%s\" did not answer about %s within %d s and was ended"
                .formatted(program, server, patience.toSeconds()));
      }
      // Something that it left running may hold the output open for ever.
      reader.join(AFTERWARDS);
      return new Said(process.exitValue(), answer.toByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageFailure("interrupted while asking \"" + program + "\"", e);
    } finally {
      end(process);
    }
  }

  private static void ask(Process process, String text) {
    try (OutputStream input = process.getOutputStream()) {
      input.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended without reading: what it says and its exit code tell why.
    }
  }

  private static void listen(Process process, ByteArrayOutputStream answer) {
    byte[] buffer = new byte[8192];
    try (InputStream output = process.getInputStream()) {
      for (int got; answer.size() < LARGEST_ANSWER && (got = output.read(buffer)) >= 0; ) {
        answer.write(buffer, 0, got);
      }
    } catch (IOException e) {
      // What came before counts.
    }
  }

  /**
   * Ends it and what it started. Not a process group: a helper shares jimage's, so that the
   * terminal's Ctrl-C reaches both, and an agent that left it on purpose is to stay.
   */
  private static void end(Process process) {
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
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

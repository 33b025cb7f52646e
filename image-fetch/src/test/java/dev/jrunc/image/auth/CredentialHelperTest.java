package dev.jrunc.image.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.failure.ImageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialHelperTest {
  @TempDir Path folder = Path.of("unset");

  /** Each holds jimage at another step: the question, the answer, the end. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sleep 100",
        "cat >/dev/null; echo '{}'; sleep 100",
        "cat >/dev/null; sleep 100 & wait",
        "cat >/dev/null; exec >&-; sleep 100",
      })
  void thatHangsIsEndedWithWhatItStarted(String script) throws Exception {
    Path pids = folder.resolve("pid");
    CredentialHelper helper = helper("echo $$ >" + pids + "; " + script, Duration.ofSeconds(1));
    long start = System.nanoTime();
    // More than a pipe takes, for the one that reads nothing.
    String server = "h".repeat(200_000);
    ImageFailure failure = assertThrows(ImageFailure.class, () -> helper.get(server));
    long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
    assertTrue(seconds < 10, seconds + " s");
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains("did not answer about"), message);
    assertTrue(message.contains("within 1 s and was ended"), message);
    long pid = Long.parseLong(Files.readString(pids).strip());
    for (int i = 0; ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false); i++) {
      assertTrue(i < 100, "it lives on");
      Thread.sleep(50);
    }
  }

  @Test
  void mayLeaveSomethingRunning() throws IOException {
    String script = "echo '{\"Username\":\"me\",\"Secret\":\"it\"}'; sleep 20 &";
    Credential found = helper(script, Duration.ofSeconds(15)).get("h");
    assertEquals("me", ((Credential.UserPassword) found).user());
  }

  @Test
  void mayAnswerWithoutReading() throws IOException {
    String answer = "echo '{\"Username\":\"me\",\"Secret\":\"it\"}'";
    Credential found = helper(answer, Duration.ofSeconds(20)).get("h".repeat(200_000));
    assertEquals("me", ((Credential.UserPassword) found).user());
  }

  private CredentialHelper helper(String script, Duration patience) throws IOException {
    Path program = Files.writeString(folder.resolve("helper"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new CredentialHelper(program.toString(), patience);
  }
}

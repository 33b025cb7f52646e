package dev.jrunc.conformance.engines;

import dev.jrunc.conformance.harness.Expect;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A server program, with its words in a file. */
final class Daemon implements AutoCloseable {
  private static final int START_TRIES = 300;
  private static final int END_SECONDS = 20;

  private final Process process;

  private Daemon(Process process) {
    this.process = process;
  }

  /** Starts it, and returns when it answers. */
  static Daemon start(Path log, List<String> words, BooleanSupplier answers) {
    try {
      Process process =
          new ProcessBuilder(words)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      Daemon daemon = new Daemon(process);
      try {
        daemon.awaitAnswer(words.getFirst(), log, answers);
      } catch (RuntimeException e) {
        daemon.close();
        throw e;
      }
      return daemon;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitAnswer(String name, Path log, BooleanSupplier answers) throws IOException {
    for (int i = 0; i < START_TRIES; i++) {
      if (answers.getAsBoolean()) {
        return;
      }
      Expect.that(process.isAlive(), name + " ended: " + Files.readString(log));
      Waiting.pause(100);
    }
    throw new IllegalStateException(name + " does not answer: " + Files.readString(log));
  }

  /** As if it had crashed. */
  void crash() {
    process.destroyForcibly();
    awaitEnd();
  }

  private boolean awaitEnd() {
    try {
      return process.waitFor(END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    if (!awaitEnd()) {
      crash();
    }
  }
}

package dev.jrunc.conformance.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A program to run to its end, with a bound on its time. */
public final class Command {
  private static final int LONGEST_SECONDS = 60;

  private final List<String> words;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private Path folder = Path.of(".");
  private int seconds = LONGEST_SECONDS;
  private byte[] input = new byte[0];
  private boolean inputStays;
  private @org.jspecify.annotations.Nullable Path file;

  private Command(List<String> words) {
    this.words = words;
  }

  public static Command of(String... words) {
    return new Command(List.of(words));
  }

  public static Command of(List<String> words) {
    return new Command(List.copyOf(words));
  }

  public Command in(Path path) {
    folder = path;
    return this;
  }

  public Command with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** For what takes longer than a minute. */
  public Command within(int longest) {
    seconds = longest;
    return this;
  }

  /** Output and errors go to a file, and the input is empty. */
  public Command intoFile(Path path) {
    file = path;
    return this;
  }

  public Command input(String text) {
    input = text.getBytes(StandardCharsets.UTF_8);
    return this;
  }

  /** The input stays open until the program ends, as that of a person would. */
  public Command keepInput() {
    inputStays = true;
    return this;
  }

  /** The same in a terminal of its own, whose input stays open. */
  public Command inTerminal() {
    StringBuilder line = new StringBuilder("exec");
    words.forEach(word -> line.append(" '").append(word.replace("'", "'\\''")).append('\''));
    return instead(List.of("script", "-qec", line.toString(), "/dev/null")).keepInput();
  }

  /** The same as the arguments of another program. */
  public Command behind(String... first) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(words);
    return instead(all);
  }

  private Command instead(List<String> others) {
    Command command = of(others).in(folder).within(seconds);
    command.environment.putAll(environment);
    return command;
  }

  /** Starts it and does not wait. */
  public Process start() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
    builder.environment().putAll(environment);
    if (file != null) {
      builder.redirectInput(Path.of("/dev/null").toFile());
      builder.redirectErrorStream(true).redirectOutput(file.toFile());
    }
    return builder.start();
  }

  /** What a program said and how it ended. */
  public record Outcome(String command, int code, String out, String err) {

    /** Fails with all that is known unless the program ended well. */
    public Outcome ok() {
      return code(0);
    }

    public Outcome code(int expected) {
      Expect.that(
          code == expected,
          command + " ended with " + code + " in place of " + expected + "\n" + out + err);
      return this;
    }

    /** Output and errors together, as a terminal would show them. */
    public String all() {
      return out + err;
    }

    public Outcome says(String text) {
      Expect.that(all().contains(text), command + " does not say \"" + text + "\" but\n" + all());
      return this;
    }
  }

  /** Runs it and waits; one that takes too long is ended, with what it started, and failed. */
  public Outcome run() {
    try {
      Process process = start();
      CompletableFuture<String> out = read(process.getInputStream());
      CompletableFuture<String> err = read(process.getErrorStream());
      if (!inputStays) {
        feed(process);
      }
      boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
      String line = String.join(" ", words);
      Expect.that(ended, line + " did not end within " + seconds + " s");
      String said = file == null ? all(out, line) : Files.readString(file);
      return new Outcome(line, process.exitValue(), said, all(err, line));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A pipe ends when its last holder does, and a container that was left behind holds it. */
  private static String all(CompletableFuture<String> text, String line)
      throws InterruptedException {
    try {
      return text.get(LONGEST_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(line + " ended, but something still holds its output", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private void feed(Process process) {
    try (var stdin = process.getOutputStream()) {
      stdin.write(input);
    } catch (IOException ignored) {
      // A program need not read its input to the end.
    }
  }

  private static CompletableFuture<String> read(InputStream stream) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try (stream) {
            text.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
          } catch (IOException e) {
            text.complete("");
          }
        });
    return text;
  }

  /** The words with more behind them. */
  public static List<String> words(List<String> first, String... more) {
    List<String> all = new ArrayList<>(first);
    all.addAll(List.of(more));
    return all;
  }
}

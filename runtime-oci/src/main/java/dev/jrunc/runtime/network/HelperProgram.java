package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.kernel.WaitStatus;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.process.Interruption;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs a program that is not ours to its end: its input is given whole, its outputs are kept. */
public final class HelperProgram {
  /** Where system tools are; the caller's PATH may lack the sbin folders. */
  private static final String[] FOLDERS = {
    "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"
  };

  private static final int LARGEST_OUTPUT = 1 << 20;
  private static final int EXECUTABLE = 1;

  private final Linux linux;

  public HelperProgram(Linux linux) {
    this.linux = linux;
  }

  /**
   * How it ended.
   *
   * @param how empty for exit status 0, else such as {@code exit status 1}
   */
  public record Outcome(String how, String out, String errors) {
    public boolean went() {
      return how.isEmpty();
    }
  }

  /** The path of a tool, null if it is not installed. */
  public @Nullable String find(String name) {
    for (String folder : FOLDERS) {
      String path = folder + "/" + name;
      if (linux.files().accessRaw(linux.currentDirectory(), path, EXECUTABLE) == 0) {
        return path;
      }
    }
    return null;
  }

  /** Runs it; one that takes longer than {@code seconds} is killed. */
  public Outcome run(
      String path, List<String> arguments, List<String> environment, String input, int seconds) {
    Descriptor[] out = linux.streams().pipe();
    Descriptor[] errors = linux.streams().pipe();
    try (Descriptor outReading = out[0];
        Descriptor errorsReading = errors[0]) {
      ProcessCalls.Clone clone = begin(path, arguments, environment, input, out[1], errors[1]);
      try (Descriptor pidfd = Objects.requireNonNull(clone.pidfd())) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        boolean intime = false;
        try {
          intime =
              gather(
                  pidfd,
                  new Descriptor[] {outReading, errorsReading},
                  new ByteArrayOutputStream[] {said, complained},
                  seconds);
        } catch (Failure interrupted) {
          kill(clone.pid(), pidfd);
          linux.processes().waitFor(clone.pid(), 0);
          throw interrupted;
        }
        if (!intime) {
          kill(clone.pid(), pidfd);
        }
        WaitStatus status = Objects.requireNonNull(linux.processes().waitFor(clone.pid(), 0));
        return new Outcome(
            how(status, intime, seconds),
            Utf8.decode(said.toByteArray()),
            Utf8.decode(complained.toByteArray()).trim());
      }
    }
  }

  private void kill(int pid, Descriptor pidfd) {
    linux.processes().killRaw(-pid, ProcessCalls.SIGKILL);
    linux.processes().signalRaw(pidfd, ProcessCalls.SIGKILL);
  }

  private static String how(WaitStatus status, boolean intime, int seconds) {
    if (!intime) {
      return "took longer than " + seconds + " s";
    }
    if (status.raw() == 0) {
      return "";
    }
    return status.signal() != 0
        ? "was ended by signal " + status.signal()
        : "exit status " + status.exitCode();
  }

  private ProcessCalls.Clone begin(
      String path,
      List<String> arguments,
      List<String> environment,
      String text,
      Descriptor out,
      Descriptor errors) {
    try (Descriptor input = linux.streams().memoryFile("input", 0);
        Descriptor writing = out;
        Descriptor complaining = errors) {
      linux.streams().write(input, text);
      linux.streams().seek(input, 0, 0);
      ProcessCalls.Clone clone = linux.processes().clone(0, null);
      if (clone.inChild()) {
        execute(path, arguments, environment, input, writing, complaining);
      }
      return clone;
    }
  }

  private void execute(
      String path,
      List<String> arguments,
      List<String> environment,
      Descriptor input,
      Descriptor out,
      Descriptor errors) {
    linux.processes().resetSignals();
    linux.processes().newSessionRaw();
    linux.streams().duplicateOnto(input, 0);
    linux.streams().duplicateOnto(out, 1);
    linux.streams().duplicateOnto(errors, 2);
    linux.streams().closeOnExecFrom(3);
    long result =
        linux.processes().executeRaw(linux.currentDirectory(), path, arguments, environment, 0);
    byte[] reason = Utf8.encode("exec " + path + ": " + Errno.message((int) -result) + "\n");
    linux.streams().writeRaw(new Descriptor(linux.gate(), 2), reason, reason.length);
    linux.processes().exit(127);
  }

  // Until the program has ended: what it left running may hold the pipes for ever.
  private boolean gather(
      Descriptor process, Descriptor[] pipes, ByteArrayOutputStream[] kept, int seconds) {
    long deadline = millis() + 1000L * seconds;
    boolean[] open = {true, true};
    boolean ended = false;
    while (true) {
      List<Descriptor> waiting = new java.util.ArrayList<>(3);
      waiting.add(process);
      for (int i = 0; i < 2; i++) {
        if (open[i]) {
          waiting.add(pipes[i]);
        }
      }
      int[] events = new int[waiting.size()];
      java.util.Arrays.fill(events, ProcessCalls.POLL_IN);
      int left = (int) Math.max(0, deadline - millis());
      int[] happened = Interruption.poll(linux, waiting, events, ended ? 0 : left);
      boolean read = false;
      for (int i = 0; i < 2; i++) {
        int at = waiting.indexOf(pipes[i]);
        if (at > 0 && happened[at] != 0) {
          open[i] = take(pipes[i], kept[i]);
          read = true;
        }
      }
      if (ended && !read) {
        return true;
      }
      ended |= happened[0] != 0;
      if (!ended && millis() >= deadline) {
        return false;
      }
    }
  }

  private static long millis() {
    return System.nanoTime() / 1_000_000;
  }

  private boolean take(Descriptor pipe, ByteArrayOutputStream kept) {
    byte[] piece = new byte[4096];
    int got = (int) linux.streams().readRaw(pipe, piece);
    if (got > 0 && kept.size() < LARGEST_OUTPUT) {
      kept.write(piece, 0, got);
    }
    return got > 0;
  }
}

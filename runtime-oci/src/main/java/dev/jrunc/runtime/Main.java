package dev.jrunc.runtime;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.kernel.teavm.NativeGate;
import dev.jrunc.kernel.teavm.NativeProcess;
import dev.jrunc.runtime.cli.Jrunc;
import java.util.ArrayList;
import java.util.List;

/** The entry point of jrunc. */
public final class Main {
  private static final int LONGEST_LINE = 4 << 20;

  private Main() {}

  /** Runs one command line; does not return. */
  public static void main(String[] args) {
    Linux linux = Linux.over(new NativeGate());
    linux.processes().exit(run(linux));
  }

  private static int run(Linux linux) {
    try {
      requireStreams(linux);
      linux.processes().keepEndedChildren();
      return new Jrunc(linux, NativeProcess.environment()).run(asked(linux));
    } catch (RuntimeException e) {
      // Nothing above would catch it.
      say(linux, "internal error: " + e);
      return 1;
    }
  }

  private static void say(Linux linux, String text) {
    byte[] line = Utf8.encode("jrunc: " + text + "\n");
    linux.streams().writeRaw(new Descriptor(linux.gate(), 2), line, line.length);
  }

  // EarlySeal has opened /dev/null for those that were closed, if there is any.
  private static void requireStreams(Linux linux) {
    for (int stream = 0; stream <= 2; stream++) {
      try {
        int getDescriptorFlags = 1;
        linux.streams().control(new Descriptor(linux.gate(), stream), getDescriptorFlags, 0);
      } catch (SyscallFailed e) {
        say(linux, "standard stream " + stream + " is closed, and /dev/null cannot be opened");
        linux.processes().exit(1);
      }
    }
  }

  // Without /proc no command can do anything.
  private static List<String> asked(Linux linux) {
    try {
      return words(linux);
    } catch (SyscallFailed e) {
      say(linux, e.getMessage() + "\n  hint: mount it: mount -t proc proc /proc");
      linux.processes().exit(1);
      return List.of();
    }
  }

  // Not from args: TeaVM decodes them by the locale, which is "C", and loses what is not ASCII.
  private static List<String> words(Linux linux) {
    List<String> words = new ArrayList<>();
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), "/proc/self/cmdline", OpenFlags.RDONLY, 0)) {
      byte[] line = linux.streams().readAll(file, LONGEST_LINE);
      int start = 0;
      for (int i = 0; i < line.length; i++) {
        if (line[i] == 0) {
          words.add(Utf8.decode(line, start, i - start));
          start = i + 1;
        }
      }
    }
    return words;
  }
}

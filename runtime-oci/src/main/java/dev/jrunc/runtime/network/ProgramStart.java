package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.Utf8;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts a program that is not ours and goes on beside the container, in a session of its own. */
final class ProgramStart {
  /** Above all numbers that a program is told of. */
  private static final int ASIDE = 32;

  private static final String PATH = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  private static final int LONGEST = 4096;

  private final Linux linux;
  private final String folderPath;

  /**
   * @param folderPath the container's folder, by which the program is found again (see {@link
   *     ProgramSearch})
   */
  ProgramStart(Linux linux, String folderPath) {
    this.linux = linux;
    this.folderPath = folderPath;
  }

  /**
   * Starts it.
   *
   * @param words the first is its path
   * @param descriptors which of ours it has as 0, 1, 2 and so on; null is /dev/null
   */
  ProcessCalls.Clone start(List<String> words, @Nullable Descriptor... descriptors) {
    ProcessCalls.Clone clone = linux.processes().clone(0, null);
    if (clone.inChild()) {
      execute(words, descriptors);
    }
    return clone;
  }

  private void execute(List<String> words, @Nullable Descriptor[] descriptors) {
    linux.processes().resetSignals();
    linux.processes().newSessionRaw();
    linux.processes().changeDirectoryRaw("/");
    Descriptor nothing =
        linux.files().open(linux.currentDirectory(), "/dev/null", OpenFlags.RDWR, 0);
    // Out of the way first: one of them may have the number that another is to get.
    Descriptor[] aside = new Descriptor[descriptors.length];
    for (int i = 0; i < descriptors.length; i++) {
      Descriptor from = descriptors[i];
      aside[i] = linux.streams().duplicate(from == null ? nothing : from, ASIDE);
    }
    for (int i = 0; i < aside.length; i++) {
      linux.streams().duplicateOnto(aside[i], i);
    }
    linux.streams().closeOnExecFrom(aside.length);
    List<String> environment = List.of(PATH, ProgramSearch.MARK + folderPath);
    linux.processes().executeRaw(linux.currentDirectory(), words.get(0), words, environment, 0);
    linux.processes().exit(127);
  }

  /** A file of the container's folder for what it says. */
  Descriptor log() {
    int flags = OpenFlags.RDWR | OpenFlags.CREAT | OpenFlags.TRUNC | OpenFlags.NOFOLLOW;
    String path = folderPath + "/network.log";
    return linux.files().open(linux.currentDirectory(), path, flags, 0600);
  }

  /** What it has said so far. */
  String said(Descriptor log) {
    linux.streams().seek(log, 0, 0);
    byte[] said = new byte[LONGEST];
    int length = Math.max(0, (int) linux.streams().readRaw(log, said));
    return Utf8.decode(said, 0, length).trim();
  }
}

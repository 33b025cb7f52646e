package dev.jrunc.runtime.terminal;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileSystemStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.TerminalCalls;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.ConsoleSize;
import org.jspecify.annotations.Nullable;

/** A pseudo-terminal of the container's own devpts, opened from inside. */
public final class Console {
  private Console() {}

  /** Where a console is put beside the standard streams. */
  public enum Place {
    /** On /dev/console too, for a container's first program. */
    DEV_CONSOLE,
    /** On the streams alone, for a program executed in a container. */
    STREAMS
  }

  /**
   * Opens a pair, makes its inner side the controlling terminal and the standard streams of this
   * process, and gives the master back. The inner side is opened through the master and not by its
   * path, which the container could have put a link at (CVE-2025-52565).
   */
  public static Descriptor open(Linux linux, @Nullable ConsoleSize size, Place place) {
    try {
      Descriptor master =
          linux
              .files()
              .open(linux.currentDirectory(), "/dev/ptmx", OpenFlags.RDWR | OpenFlags.NOCTTY, 0);
      requireDevpts(linux, master);
      linux.terminals().unlock(master);
      try (Descriptor inner = linux.terminals().openPeer(master)) {
        if (size != null) {
          linux
              .terminals()
              .setWindowSize(master, new TerminalCalls.WindowSize(size.height(), size.width()));
        }
        if (place == Place.DEV_CONSOLE) {
          bindOnDevConsole(linux, inner);
        }
        linux.terminals().makeControlling(inner);
        for (int stream = 0; stream <= 2; stream++) {
          linux.streams().duplicateOnto(inner, stream);
        }
      }
      return master;
    } catch (SyscallFailed e) {
      throw Failure.of(Failure.Code.SYSTEM, "error opening the console: " + e.getMessage())
          .phase("console")
          .pointer("/process/terminal")
          .path(e.subject())
          .errno(e.errno())
          .hint("terminal: true needs a devpts mount at /dev/pts")
          .because(e);
    }
  }

  /** Sends the master to who will hold it, with its name as text, as engines expect. */
  public static void send(Linux linux, Descriptor socket, Descriptor master) {
    linux.sockets().send(socket, Utf8.encode("/dev/ptmx"), master);
  }

  private static void requireDevpts(Linux linux, Descriptor master) {
    if (linux.files().fileSystem(master).type() != FileSystemStatus.DEVPTS_MAGIC) {
      master.close();
      throw Failure.of(Failure.Code.SYSTEM, "/dev/ptmx of the container is not of a devpts")
          .phase("console")
          .pointer("/process/terminal")
          .path("/dev/ptmx")
          .build();
    }
  }

  private static void bindOnDevConsole(Linux linux, Descriptor inner) {
    // Never what is there already: an image may hold a FIFO, and opening it waits for a reader.
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOCTTY;
    long file = linux.files().openRaw(linux.currentDirectory(), "/dev/console", flags, 0666);
    if (file >= 0) {
      new Descriptor(linux.gate(), (int) file).close();
    }
    try (Descriptor target =
            linux
                .files()
                .open(
                    linux.currentDirectory(),
                    "/dev/console",
                    OpenFlags.PATH | OpenFlags.NOFOLLOW,
                    0);
        Descriptor mount =
            linux.mounts().cloneTree(inner, "", dev.jrunc.kernel.FileCalls.EMPTY_PATH)) {
      linux.mounts().attach(mount, target);
    }
  }
}

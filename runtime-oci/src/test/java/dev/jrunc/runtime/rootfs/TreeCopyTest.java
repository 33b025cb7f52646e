package dev.jrunc.runtime.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.jnr.JnrGate;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeCopyTest {
  private static final Linux LINUX = Linux.over(new JnrGate());

  @TempDir Path directory;
  private Path from;
  private Path to;

  @BeforeEach
  void make() throws IOException {
    from = Files.createDirectory(directory.resolve("from"));
    to = Files.createDirectory(directory.resolve("to"));
  }

  private void copy() {
    try (Descriptor source = open(from);
        Descriptor target = open(to)) {
      TreeCopy.copy(LINUX, source, target);
    }
  }

  private static Descriptor open(Path path) {
    return LINUX.files().open(LINUX.currentDirectory(), path.toString(), OpenFlags.PATH, 0);
  }

  @Test
  void contentModesAndTimesAreKept() throws IOException {
    Path file = Files.createDirectories(from.resolve("d/e")).resolve("f");
    Files.writeString(file, "content".repeat(100_000));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx-w----"));
    Files.setPosixFilePermissions(from.resolve("d"), PosixFilePermissions.fromString("r-xr-x--x"));
    FileTime past = FileTime.fromMillis(1_000_000_000_000L);
    Files.setLastModifiedTime(file, past);
    Files.setLastModifiedTime(from.resolve("d"), past);
    copy();
    Path copied = to.resolve("d/e/f");
    assertEquals(-1, Files.mismatch(file, copied));
    assertEquals("rwx-w----", mode(copied));
    assertEquals("r-xr-x--x", mode(to.resolve("d")));
    assertEquals(past, Files.getLastModifiedTime(copied));
    assertEquals(past, Files.getLastModifiedTime(to.resolve("d")));
  }

  @Test
  void linksAreCopiedAndNotFollowed() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "secret");
    Files.createSymbolicLink(from.resolve("l"), secret);
    Files.createSymbolicLink(from.resolve("d"), directory);
    copy();
    assertEquals(secret, Files.readSymbolicLink(to.resolve("l")));
    assertTrue(Files.isSymbolicLink(to.resolve("d")));
  }

  @Test
  void socketsAreLeftOut() throws IOException {
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(from.resolve("s")));
      Files.writeString(from.resolve("t"), "");
      copy();
    }
    assertFalse(Files.exists(to.resolve("s"), LinkOption.NOFOLLOW_LINKS));
    assertTrue(Files.exists(to.resolve("t")));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}

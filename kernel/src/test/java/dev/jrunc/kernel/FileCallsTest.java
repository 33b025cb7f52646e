package dev.jrunc.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.jnr.JnrGate;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCallsTest {
  private final Linux linux = Linux.over(new JnrGate());
  @TempDir Path folder;
  private Descriptor directory;

  @BeforeEach
  void openFolder() {
    directory =
        linux.files().open(linux.currentDirectory(), folder.toString(), OpenFlags.DIRECTORY, 0);
  }

  @Test
  void writesWhatItReads() {
    byte[] content = "once upon a time".getBytes(StandardCharsets.UTF_8);
    try (Descriptor file =
        linux.files().open(directory, "story", OpenFlags.RDWR | OpenFlags.CREAT, 0600)) {
      linux.streams().write(file, content);
      linux.streams().seek(file, 0, 0);
      assertArrayEquals(content, linux.streams().readAll(file, 1000));
    }
    FileStatus status = linux.files().status(directory, "story", 0);
    assertTrue(status.is(FileMode.REGULAR));
    assertEquals(content.length, status.size());
    assertEquals(0600, status.mode() & 07777);
  }

  @Test
  void aFailureNamesCallSubjectAndReason() {
    SyscallFailed failed =
        assertThrows(
            SyscallFailed.class, () -> linux.files().open(directory, "missing", 0, 0).close());
    assertEquals("openat missing: no such file or directory", failed.getMessage());
    assertEquals(Errno.ENOENT, failed.errno());
  }

  @Test
  void aLinkOutOfTheRootIsResolvedInsideIt() throws Exception {
    Files.createDirectory(folder.resolve("etc"));
    Files.writeString(folder.resolve("etc/passwd"), "inside");
    linux.files().symlink("/etc/passwd", directory, "link");
    try (Descriptor file =
        linux.files().open2(directory, "link", OpenFlags.RDONLY, 0, OpenFlags.RESOLVE_IN_ROOT)) {
      assertEquals(
          "inside", new String(linux.streams().readAll(file, 100), StandardCharsets.UTF_8));
    }
  }

  @Test
  void listsNamesAndReadsLinks() {
    linux.files().mkdir(directory, "a", 0755);
    linux.files().symlink("a", directory, "b");
    assertEquals(List.of("a", "b"), linux.files().list(directory).stream().sorted().toList());
    assertEquals("a", linux.files().readlink(directory, "b"));
    assertNull(linux.files().statusOrNull(directory, "c", 0));
  }

  @Test
  void refusesToReadMoreThanTheLimit() throws Exception {
    Files.writeString(folder.resolve("big"), "x".repeat(101));
    try (Descriptor file = linux.files().open(directory, "big", 0, 0)) {
      SyscallFailed failed =
          assertThrows(SyscallFailed.class, () -> linux.streams().readAll(file, 100));
      assertEquals(Errno.EFBIG, failed.errno());
    }
  }

  @Test
  void namesWithANulAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> linux.files().mkdir(directory, "a\0b", 0755));
  }

  @Test
  void directoryFlagsAreTranslatedForAarch64() {
    assertEquals(
        040000 | 0100000 | OpenFlags.CLOEXEC,
        OpenFlags.translate(
            OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW | OpenFlags.CLOEXEC, Architecture.AARCH64));
  }
}

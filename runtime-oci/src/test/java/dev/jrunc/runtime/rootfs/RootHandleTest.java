package dev.jrunc.runtime.rootfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.jnr.JnrGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Paths below a root that an image has filled with links of its choice. */
class RootHandleTest {
  private static final Linux LINUX = Linux.over(new JnrGate());

  @TempDir Path outside;
  private Path inside;
  private RootHandle root;

  @BeforeEach
  void open() throws IOException {
    inside = Files.createDirectory(outside.resolve("rootfs"));
    int flags = OpenFlags.PATH | OpenFlags.DIRECTORY;
    root =
        new RootHandle(
            LINUX, LINUX.files().open(LINUX.currentDirectory(), inside.toString(), flags, 0));
  }

  @AfterEach
  void close() {
    root.descriptor().close();
  }

  private void link(String name, String target) throws IOException {
    Files.createSymbolicLink(inside.resolve(name), Path.of(target));
  }

  private int errnoOf(String path) {
    return assertThrows(SyscallFailed.class, () -> root.directory(path).close()).errno();
  }

  @Nested
  class Making {
    @Test
    void makesEveryMissingFolderOnTheWay() {
      root.file("/a/b/c").close();
      assertTrue(Files.isRegularFile(inside.resolve("a/b/c")));
    }

    @Test
    void leavesWhatIsThereAsItIs() throws IOException {
      Files.writeString(inside.resolve("f"), "content");
      root.file("/f").close();
      assertEquals("content", Files.readString(inside.resolve("f")));
    }

    @Test
    void aLinkToNothingIsFollowedInsideTheRoot() throws IOException {
      Files.createDirectory(inside.resolve("etc"));
      link("etc/resolv.conf", "../run/systemd/resolv.conf");
      root.file("/etc/resolv.conf").close();
      assertTrue(Files.isRegularFile(inside.resolve("run/systemd/resolv.conf")));
      assertTrue(Files.isSymbolicLink(inside.resolve("etc/resolv.conf")));
    }

    @Test
    void anAbsoluteLinkToNothingStartsAtTheRoot() throws IOException {
      link("var", "/data/var");
      root.directory("/var/run").close();
      assertTrue(Files.isDirectory(inside.resolve("data/var/run")));
    }

    @Test
    void noLinkLeadsOut() throws IOException {
      link("out", "../../../../.." + outside + "/escaped");
      root.directory("/out/x").close();
      assertFalse(Files.exists(outside.resolve("escaped"), LinkOption.NOFOLLOW_LINKS));
      assertTrue(Files.isDirectory(inside.resolve(outside.toString().substring(1) + "/escaped/x")));
    }

    @Test
    void upFromAMissingFolderStaysInside() throws IOException {
      link("up", "missing/../../../escaped");
      root.directory("/up").close();
      assertFalse(Files.exists(outside.resolve("escaped"), LinkOption.NOFOLLOW_LINKS));
      assertTrue(Files.isDirectory(inside.resolve("escaped")));
    }

    @Test
    void linksInACircleEnd() throws IOException {
      link("a", "b");
      link("b", "a");
      assertEquals(Errno.ELOOP, errnoOf("/a/c"));
    }

    @Test
    void linksThatGrowEnd() throws IOException {
      link("a", "a/b");
      assertEquals(Errno.ELOOP, errnoOf("/a/c"));
    }

    @Test
    void aFileOnTheWayIsNamed() throws IOException {
      Files.writeString(inside.resolve("f"), "");
      assertEquals(Errno.ENOTDIR, errnoOf("/f/x"));
    }
  }

  @Nested
  class Plain {
    @Test
    void makesWhatIsMissing() {
      root.plainDirectory("/proc").close();
      assertTrue(Files.isDirectory(inside.resolve("proc")));
    }

    @Test
    void refusesALinkWhateverItLeadsTo() throws IOException {
      Files.createDirectory(inside.resolve("real"));
      link("proc", "real");
      link("sys", "nowhere");
      assertEquals(Errno.ELOOP, plainErrnoOf("/proc"));
      assertEquals(Errno.ELOOP, plainErrnoOf("/sys"));
      assertEquals(Errno.ELOOP, plainErrnoOf("/proc/below"));
      assertFalse(Files.exists(inside.resolve("nowhere")));
    }

    @Test
    void refusesAFile() throws IOException {
      Files.writeString(inside.resolve("sys"), "");
      assertEquals(Errno.ENOTDIR, plainErrnoOf("/sys"));
    }

    private int plainErrnoOf(String path) {
      return assertThrows(SyscallFailed.class, () -> root.plainDirectory(path).close()).errno();
    }
  }

  @Nested
  class Finding {
    @Test
    void nothingIsNull() throws IOException {
      Files.writeString(inside.resolve("f"), "");
      assertNull(root.find("/x"));
      assertNull(root.find("/f/x"));
    }

    @Test
    void aLinkIsFollowedInside() throws IOException {
      Files.createDirectory(inside.resolve("real"));
      link("l", "/real");
      try (Descriptor found = root.find("/l")) {
        assertNotNull(found);
        assertTrue(root.isDirectory(found));
      }
    }
  }
}

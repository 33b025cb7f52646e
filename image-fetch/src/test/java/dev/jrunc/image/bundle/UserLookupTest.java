package dev.jrunc.image.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.spec.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserLookupTest {
  private final Linux linux = Linux.over(Bundles.GATE);
  @TempDir private Path folder;
  private Path etc;
  private Descriptor rootfs;

  @BeforeEach
  void writeFiles() throws IOException {
    etc = Files.createDirectories(folder.resolve("rootfs/etc"));
    Files.writeString(
        etc.resolve("passwd"),
        """
        root:x:0:0:root:/root:/bin/sh
        web:x:33:44::/srv:/bin/false
        # comment
        1000:x:5:5::/:
        broken:x:many:1::/:
        short:x:1
        """);
    Files.writeString(
        etc.resolve("group"),
        """
        root:x:0:
        www:x:44:web
        staff:x:50:ada,web
        log:x:51:web
        again:x:51:web
        like:x:52:webmaster
        few:x:53
        """);
    rootfs =
        linux
            .files()
            .open(
                linux.currentDirectory(),
                folder.resolve("rootfs").toString(),
                OpenFlags.RDONLY | OpenFlags.DIRECTORY,
                0);
  }

  @AfterEach
  void close() {
    rootfs.close();
  }

  private User find(String text) {
    return new UserLookup(linux, rootfs).find(text, false);
  }

  private String refused(String text) {
    return String.valueOf(assertThrows(ImageFailure.class, () -> find(text)).getMessage());
  }

  private static User user(long uid, long gid, Long... others) {
    return new User(uid, gid, null, List.of(others));
  }

  @Nested
  class Forms {
    @Test
    void emptyIsRoot() {
      assertEquals(user(0, 0), find(""));
    }

    @Test
    void aNameHasItsGroupAndMemberships() {
      assertEquals(user(33, 44, 50L, 51L), find("web"));
      assertEquals(user(33, 44, 50L, 51L), find("web:"));
    }

    @Test
    void aNumberHasTheGroupOfItsEntryAndNoOthers() {
      assertEquals(user(33, 44), find("33"));
      assertEquals(user(0, 0), find("0"));
    }

    @Test
    void aNumberNeedsNoEntry() {
      assertEquals(user(4711, 0), find("4711"));
      assertEquals(user(2147483647, 12), find("2147483647:12"));
    }

    // CVE-2026-46680: a number that was looked up as a name became root.
    @Test
    void digitsAreNeverAName() {
      assertEquals(user(1000, 0), find("1000"));
    }

    // CVE-2022-2989, CVE-2022-2990, CVE-2023-25173: groups that nobody named.
    @Test
    void aGroupThatIsNamedLeavesNoOthers() {
      assertEquals(user(33, 50), find("web:staff"));
      assertEquals(user(33, 7), find("web:7"));
      assertEquals(user(33, 51), find("33:log"));
      assertEquals(user(5, 6), find("5:6"));
    }
  }

  @Nested
  class Unknown {
    @Test
    void namesAreRefused() {
      assertEquals(
          "the image runs as user \"ada\", whom its /etc/passwd does not know", refused("ada"));
      assertEquals(
          "the image runs as user \"short\", whom its /etc/passwd does not know", refused("short"));
      assertEquals(
          "the image runs in group \"ada\", which its /etc/group does not know",
          refused("web:ada"));
      assertEquals(
          "the image runs as user \"\", whom its /etc/passwd does not know", refused(":www"));
    }

    @Test
    void namesAreRefusedWithoutTheFiles() throws IOException {
      Files.delete(etc.resolve("passwd"));
      Files.delete(etc.resolve("group"));
      assertEquals(user(33, 0), find("33"));
      assertEquals(
          "the image runs as user \"web\", whom its /etc/passwd does not know", refused("web"));
      assertEquals(
          "the image runs in group \"www\", which its /etc/group does not know", refused("33:www"));
    }

    // CVE-2024-40635: a number too large for an id came round to root.
    @Test
    void numbersAreRefused() {
      assertEquals(
          "the image runs as \"4294967296\", which is no id from 0 to 2147483647",
          refused("4294967296"));
      assertEquals(
          "the image runs as \"0:99999999999999999999\", which is no id from 0 to 2147483647",
          refused("0:99999999999999999999"));
      assertEquals(
          "the image runs as user \"-1\", whom its /etc/passwd does not know", refused("-1"));
      assertEquals("the image's /etc/passwd has an entry with the id \"many\"", refused("broken"));
    }
  }

  @Nested
  class FilesOfTheImage {
    @Test
    void behindALinkAreTheImagesOwn() throws IOException {
      Path outside = Files.writeString(folder.resolve("passwd"), "spy:x:1:1::/:\n");
      Files.delete(etc.resolve("passwd"));
      Files.createSymbolicLink(etc.resolve("passwd"), outside);
      assertEquals(
          "the image runs as user \"spy\", whom its /etc/passwd does not know", refused("spy"));
      Files.delete(etc.resolve("passwd"));
      Files.createSymbolicLink(etc.resolve("passwd"), Path.of("../../../../usr/lib/passwd"));
      Files.createDirectories(folder.resolve("rootfs/usr/lib"));
      Files.writeString(folder.resolve("rootfs/usr/lib/passwd"), "ada:x:8:9::/:\n");
      assertEquals(user(8, 9, 50L), find("ada"));
    }

    // CVE-2024-9676: the file was a FIFO, or a link to one of the host.
    @Test
    void thatAreNoFilesAreNotWaitedFor() throws IOException {
      Files.delete(etc.resolve("passwd"));
      linux.files().mknod(rootfs, "etc/passwd", FileMode.FIFO | 0600, new DeviceNumber(0, 0));
      assertEquals(
          "the image runs as user \"web\", whom its /etc/passwd does not know", refused("web"));
      Files.delete(etc.resolve("passwd"));
      Files.createDirectory(etc.resolve("passwd"));
      assertEquals(
          "the image runs as user \"web\", whom its /etc/passwd does not know", refused("web"));
    }

    // CVE-2026-47262: a file without end took all memory.
    @Test
    void thatAreTooLargeAreRefused() throws IOException {
      Files.write(etc.resolve("group"), new byte[(4 << 20) + 1]);
      assertEquals("the image's /etc/group is larger than 4 MiB", refused("web"));
    }
  }
}

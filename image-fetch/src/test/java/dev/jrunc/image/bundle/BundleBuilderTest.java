package dev.jrunc.image.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.layer.RawTar;
import dev.jrunc.kernel.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleBuilderTest {
  private static final String IMAGE = "{'config':{'User':'web','WorkingDir':'/srv'}}";

  @TempDir private Path parent;

  private static byte[] layer() {
    RawTar tar = new RawTar().folder("./").folder("etc").file("etc/passwd", "web:x:7:8::/:\n");
    tar.pax("SCHILY.xattr.user.a", "x").file("bin/a", "x").hardLink("bin/b", "bin/a");
    return tar.symlink("bin/c", "a").file("bin/\u00ff", "").put(RawTar.header("p", '6')).bytes();
  }

  private static byte[] upper() {
    return new RawTar().file("bin/.wh.c", "").folder("etc").file("srv", "x").folder("srv").bytes();
  }

  private static String refused(BundleRequest request) {
    ImageFailure failure =
        assertThrows(
            ImageFailure.class,
            () -> new BundleBuilder(Bundles.GATE, Bundles.STORE).build(request));
    return String.valueOf(failure.getMessage());
  }

  @Test
  void makesConfigAndRootfsAndNothingElse() throws IOException {
    Path folder = parent.resolve("web");
    Bundles.build(Bundles.request(folder, IMAGE, layer(), upper()));
    try (var files = Files.list(folder)) {
      assertEquals(
          Set.of(
              folder.resolve("config.json"), folder.resolve("rootfs"), folder.resolve(".jimage")),
          Set.copyOf(files.toList()));
    }
    assertEquals("x", Files.readString(folder.resolve("rootfs/bin/b")));
  }

  @Test
  void theRootIsOpenToAllUnlessTheImageSaysOtherwise() throws IOException {
    Bundles.build(Bundles.request(parent.resolve("a"), "{}"));
    byte[] root = new RawTar().put(RawTar.header(".", '5').mode(0711)).bytes();
    Bundles.build(Bundles.request(parent.resolve("b"), "{}", root));
    assertEquals(0755, mode(parent.resolve("a/rootfs")));
    assertEquals(0711, mode(parent.resolve("b/rootfs")));
  }

  // CVE-2021-41091, CVE-2021-41103: set-user-id files of an image are out of others' reach.
  @Test
  void isClosedToOtherUsers() throws IOException {
    Bundles.build(Bundles.request(parent.resolve("made"), "{}"));
    assertEquals(0700, mode(parent.resolve("made")));
    Path empty = Files.createDirectory(parent.resolve("empty"));
    Files.setAttribute(empty, "unix:mode", 0777);
    Bundles.build(Bundles.request(empty, "{}"));
    assertEquals(0700, mode(empty));
  }

  @Test
  void isNotMadeBesideOtherFilesWhereOthersMayEnter() throws IOException {
    Path used = Files.createDirectory(parent.resolve("used"));
    Files.writeString(used.resolve("notes"), "mine");
    for (int mode : new int[] {0755, 0710, 0720, 0702}) {
      Files.setAttribute(used, "unix:mode", mode);
      assertEquals(
          "cannot use \""
              + used
              + "\" as a bundle: other users may enter it; chmod go-wx it, or take a new folder",
          refused(Bundles.request(used, "{}")));
    }
    assertEquals(List.of("notes"), Bundles.names(used));
    Files.setAttribute(used, "unix:mode", 0744);
    Bundles.build(Bundles.request(used, "{}"));
    assertEquals(0744, mode(used));
  }

  @Test
  void isNotMadeInAFolderOfAnotherUser() throws IOException {
    Assumptions.assumeTrue(
        Linux.over(Bundles.GATE).credentials().effectiveUid() == 0, "only root gives files away");
    Path foreign = Files.createDirectory(parent.resolve("foreign"));
    Files.setAttribute(foreign, "unix:uid", 7);
    assertEquals(
        "cannot use \"" + foreign + "\" as a bundle: it belongs to user 7; take a new folder",
        refused(Bundles.request(foreign, "{}")));
    assertEquals(List.of(), Bundles.names(foreign));
  }

  // CVE-2026-41579: a runtime before runc 1.3.6 makes devices on the host through such a link.
  @Test
  void isNotMadeWhereAMountPointIsALink() throws IOException {
    for (String name : List.of("dev", "proc", "sys")) {
      byte[] link = new RawTar().symlink(name, "/etc").bytes();
      assertEquals(
          "the image's /" + name + " is a link, which a runtime could follow on the host",
          refused(Bundles.request(parent.resolve("web"), "{}", link)));
      assertFalse(Files.exists(parent.resolve("web")));
    }
  }

  private static int mode(Path file) throws IOException {
    return (int) Files.getAttribute(file, "unix:mode") & 07777;
  }

  @Nested
  class WhatIsThere {
    @Test
    void staysBesideTheBundle() throws IOException {
      Files.writeString(parent.resolve("notes"), "mine");
      Bundles.build(Bundles.request(parent, "{}"));
      assertEquals(List.of("config.json", "notes", "rootfs"), Bundles.names(parent));
    }

    @Test
    void isNoOldBundle() throws IOException {
      for (String name : new String[] {"config.json", "rootfs"}) {
        Path folder = Files.createDirectory(parent.resolve("with-" + name));
        Files.createSymbolicLink(folder.resolve(name), Path.of("nowhere"));
        assertEquals(
            "\""
                + folder
                + "\" already holds "
                + name
                + "; take an empty folder, or remove the old bundle first with jimage unbundle",
            refused(Bundles.request(folder, IMAGE, layer())));
        assertEquals(List.of(name), Bundles.names(folder));
      }
    }

    @Test
    void mustBeAFolder() throws IOException {
      Path file = Files.writeString(parent.resolve("file"), "mine");
      assertEquals(
          "cannot use \"" + file + "\" as a bundle: not a directory",
          refused(Bundles.request(file, "{}")));
      assertEquals("mine", Files.readString(file));
    }

    @Test
    void mustHaveAParent() {
      Path folder = parent.resolve("none/web");
      assertEquals(
          "cannot make the folder \"" + folder + "\": no such file or directory",
          refused(Bundles.request(folder, "{}")));
      assertFalse(Files.exists(parent.resolve("none")));
    }
  }

  @Nested
  class Failure {
    private void assertNothingLeft(String reason, String image, byte[]... layers)
        throws IOException {
      Path made = parent.resolve("made");
      assertEquals(reason, refused(Bundles.request(made, image, layers)));
      assertFalse(Files.exists(made), "the folder that was made");
      Path existing = Files.createDirectories(parent.resolve("existing"));
      assertEquals(reason, refused(Bundles.request(existing, image, layers)));
      assertEquals(List.of(), Bundles.names(existing));
    }

    @Test
    void ofTheUserLeavesNothing() throws IOException {
      assertNothingLeft(
          "the image runs as user \"ada\", whom its /etc/passwd does not know",
          "{'config':{'User':'ada'}}",
          layer());
    }

    @Test
    void ofTheConfigurationLeavesNothing() throws IOException {
      assertNothingLeft(
          "the image's working directory \"x\" is not an absolute path",
          "{'config':{'WorkingDir':'x'}}",
          layer());
    }

    @Test
    void ofALaterLayerLeavesNothing() throws IOException {
      byte[] hostile = new RawTar().file("../x", "").bytes();
      assertNothingLeft(
          "layer 2 ("
              + Digest.sha256(hostile).toString().substring(0, 19)
              + ") holds \"../x\", which leads out of the rootfs",
          IMAGE,
          layer(),
          hostile);
    }

    @Test
    void ofAnySystemCallLeavesNothing() throws IOException {
      int unharmed = 0;
      for (int call = 0; ; call++) {
        Path folder = parent.resolve("call" + call);
        FailingGate gate = new FailingGate(Bundles.GATE, call);
        BundleRequest request = Bundles.request(folder, IMAGE, layer(), upper());
        try {
          new BundleBuilder(gate, Bundles.STORE).build(request);
          assertTrue(Files.exists(folder.resolve("config.json")), "call " + call);
          unharmed++;
        } catch (ImageFailure e) {
          assertFalse(Files.exists(folder), "call " + call + ": " + e.getMessage());
        }
        if (!gate.failed()) {
          assertTrue(call > 80, "calls: " + call);
          assertTrue(unharmed < 10, "failures that were no failure: " + unharmed);
          return;
        }
      }
    }
  }
}

package dev.jrunc.image.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jrunc.image.bundle.FailingGate;
import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.SystemCall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EntryKindsTest {
  @TempDir private Path folder;
  private Unpacked tree;

  @BeforeEach
  void makeRoot() throws IOException {
    tree = new Unpacked(folder);
  }

  @Nested
  class Replacing {
    @Test
    void aFileTakesThePlaceOfAFolder() throws IOException {
      byte[] lower = new RawTar().folder("d").file("d/x/y", "").bytes();
      tree.apply(lower, new RawTar().file("d", "file").bytes());
      assertEquals(List.of("d"), tree.names());
      assertEquals("file", tree.content("d"));
    }

    @Test
    void aFolderTakesThePlaceOfAFile() throws IOException {
      tree.apply(
          new RawTar().file("d", "").bytes(), new RawTar().folder("d").file("d/x", "").bytes());
      assertEquals(List.of("d/", "d/x"), tree.names());
    }

    @Test
    void aFileOnTheWayGivesWay() throws IOException {
      tree.apply(new RawTar().file("d", "").bytes(), new RawTar().file("d/e/x", "").bytes());
      assertEquals(List.of("d/", "d/e/", "d/e/x"), tree.names());
    }

    @Test
    void aFolderOnAFolderKeepsTheChildren() throws IOException {
      RawTar upper = new RawTar().put(RawTar.header("d", '5').mode(0700).time(7));
      tree.apply(new RawTar().folder("d").file("d/x", "").bytes(), upper.bytes());
      assertEquals(List.of("d/", "d/x"), tree.names());
      assertEquals(0700, tree.mode("d"));
      assertEquals(7, tree.time("d"));
    }

    @Test
    void theLastOfTwoOfOneNameStays() throws IOException {
      tree.apply(
          new RawTar().file("a", "first").file("a", "last").symlink("b", "a").folder("b").bytes());
      assertEquals(List.of("a", "b/"), tree.names());
      assertEquals("last", tree.content("a"));
    }

    @Test
    void aFileWrittenAgainHasNothingOfTheOldOne() throws IOException {
      byte[] lower = new RawTar().pax("SCHILY.xattr.user.a", "x").file("a", "long content").bytes();
      tree.apply(lower, new RawTar().file("a", "new").bytes());
      assertEquals("new", tree.content("a"));
      assertNull(tree.attribute("a", "user.a"));
    }
  }

  @Nested
  class Attributes {
    @Test
    void missingFoldersAreOpenToAll() {
      tree.apply(new RawTar().file("a/b/x", "").bytes());
      assertEquals(0755, tree.mode("a"));
      assertEquals(0755, tree.mode("a/b"));
    }

    @Test
    void setIdAndStickyBitsSurviveTheChangeOfOwner() {
      RawTar tar = new RawTar().put(RawTar.header("f", '0').mode(06755).owner(0, 0));
      tar.put(RawTar.header("d", '5').mode(01777)).put(RawTar.header("none", '0').mode(0));
      tree.apply(tar.bytes());
      assertEquals(06755, tree.mode("f"));
      assertEquals(01777, tree.mode("d"));
      assertEquals(0, tree.mode("none"));
    }

    @Test
    void timesAreThoseOfTheArchiveToTheNanosecond() {
      RawTar tar = new RawTar().pax("mtime", "1234567890.123456789").file("f", "");
      tar.put(RawTar.header("old", '0').time(-1000)).put(RawTar.header("first", '0').time(0));
      tree.apply(tar.bytes());
      assertEquals(1234567890, tree.time("f"));
      assertEquals(123456789, tree.status("f").modified().nanoseconds());
      assertEquals(-1000, tree.time("old"));
      assertEquals(0, tree.time("first"));
    }

    // So that the same image gives the same tree, a time of access is nobody's to choose.
    @Test
    void timesOfAccessAreThoseOfTheContent() throws IOException {
      tree.apply(new RawTar().pax("atime", "5", "ctime", "6").file("f", "").bytes());
      assertEquals(
          FileTime.from(RawTar.TIME, TimeUnit.SECONDS),
          Files.getAttribute(tree.path("f"), "lastAccessTime"));
    }

    @Test
    void foldersKeepTheirTimesWhateverComesInLater() {
      RawTar upper = new RawTar().file("d/x", "").file("d/e/y", "").hardLink("d/z", "d/x");
      tree.apply(new RawTar().folder("./").folder("d").folder("d/e").bytes(), upper.bytes());
      for (String each : new String[] {".", "d", "d/e"}) {
        assertEquals(RawTar.TIME, tree.time(each), each);
      }
    }

    @Test
    void aFolderMadeAgainAfterItsRemovalHasItsNewTime() {
      byte[] again = new RawTar().put(RawTar.header("d", '5').mode(0755).time(5)).bytes();
      byte[] gone = new RawTar().file(".wh.d", "").bytes();
      tree.apply(new RawTar().folder("d").folder("d/e").bytes(), gone, again);
      assertEquals(5, tree.time("d"));
    }

    // CVE-2021-29136: a link in place of the root, and the next layer lands on the host.
    @Test
    void theRootTakesAttributesFromAFolderOnly() throws IOException {
      for (String name : new String[] {".", "./", "/"}) {
        tree.apply(new RawTar().put(RawTar.header(name, '5').mode(0750).time(9)).bytes());
        assertEquals(0750, tree.mode("."));
        assertEquals(9, tree.time("."));
        String reason = "wants to replace the root of the image by a file or link";
        assertEquals(reason, tree.refused(new RawTar().symlink(name, "/").bytes()));
        assertEquals(reason, tree.refused(new RawTar().put(RawTar.header(name, '1')).bytes()));
      }
    }

    @Test
    void ownersAreNumbers() {
      assumeTrue(Unpacked.isRoot(), "needs root: gives files to others");
      RawTar tar = new RawTar().put(RawTar.header("plain", '0').owner(1000, 50));
      tar.put(RawTar.header("high", '0').owner(4294967294L, 3000000000L));
      tar.pax("uid", "4294967294", "gid", "70000").put(RawTar.header("pax", '0').owner(1, 1));
      tar.put(RawTar.header("link", '2').link("nowhere").owner(12, 13));
      tree.apply(tar.bytes());
      assertEquals(List.of(1000L, 50L), owner("plain"));
      assertEquals(List.of(4294967294L, 3000000000L), owner("high"));
      assertEquals(List.of(4294967294L, 70000L), owner("pax"));
      assertEquals(List.of(12L, 13L), owner("link"));
    }

    private List<Long> owner(String name) {
      return List.of(tree.status(name).uid(), tree.status(name).gid());
    }

    @Test
    void anOwnerWithoutAMappingIsRefused() {
      assumeTrue(Unpacked.isRoot(), "needs root: gives files to others");
      Gate gate = FailingGate.refusing(Unpacked.GATE, SystemCall.FCHOWNAT, Errno.EINVAL);
      byte[] tar = new RawTar().put(RawTar.header("f", '0').owner(70000, 7)).bytes();
      LayerRefused refused =
          assertThrows(LayerRefused.class, () -> tree.apply(gate, Unpacked.plain(), tar));
      String reason = String.valueOf(refused.getMessage());
      assertTrue(reason.contains("gives \"f\" to 70000:7, which no id of yours"), reason);
      assertTrue(reason.contains("/etc/subuid"), reason);
    }

    @Test
    void anImpossibleOwnerIsRefused() throws IOException {
      assertEquals(
          "gives \"f\" to the impossible owner 4294967296",
          tree.refused(new RawTar().pax("uid", "4294967296").file("f", "").bytes()));
      assertEquals(
          "gives \"f\" to the impossible owner 4294967295",
          tree.refused(new RawTar().put(RawTar.header("f", '0').owner(0, -1)).bytes()));
    }
  }

  @Nested
  class ExtendedAttributes {
    private static final String BINARY = "\u0000\u0001\u0080\u00ff\u00c3(\n=x";

    @Test
    void keepEveryByte() {
      RawTar tar = new RawTar();
      tar.pax("SCHILY.xattr.user.b", BINARY, "SCHILY.xattr.user.none", "").file("f", "x");
      tar.pax("SCHILY.xattr.user.b", BINARY).folder("d");
      tree.apply(tar.bytes());
      assumeTrue(
          tree.attribute("f", "user.b") != null, "needs a file system with user.* attributes");
      assertEquals(BINARY, tree.attribute("f", "user.b"));
      assertNull(tree.attribute("f", "user.none"));
      assertEquals(BINARY, tree.attribute("d", "user.b"));
    }

    @Test
    void belongToTheNextEntryAlone() {
      RawTar tar = new RawTar().pax("SCHILY.xattr.user.b", "x").file("f", "").file("g", "");
      tar.paxHeader('g', "SCHILY.xattr.user.b", "x", "path", "stolen", "uid", "7").file("h", "");
      tree.apply(tar.bytes());
      assertNull(tree.attribute("g", "user.b"));
      assertNull(tree.attribute("h", "user.b"));
      assertEquals(Unpacked.isRoot() ? 0 : tree.status(".").uid(), tree.status("h").uid());
    }

    @Test
    void ofAFolderSaidAgainAreTheNewOnesOnly() {
      RawTar upper = new RawTar().pax("SCHILY.xattr.user.b", "new").folder("d");
      byte[] lower =
          new RawTar()
              .pax("SCHILY.xattr.user.a", "x", "SCHILY.xattr.user.b", "x")
              .folder("d")
              .bytes();
      tree.apply(lower, upper.bytes());
      assumeTrue(
          tree.attribute("d", "user.b") != null, "needs a file system with user.* attributes");
      assertEquals("new", tree.attribute("d", "user.b"));
      assertNull(tree.attribute("d", "user.a"));
    }

    @Test
    void ofTheFolderAboveAreNotInherited() {
      // acl(5): version 2; then kind, rights and id of owner, group and others.
      String none = "\u00ff\u00ff\u00ff\u00ff";
      String list =
          "\u0002\0\0\0\u0001\0\u0007\0" + none + "\u0004\0\u0005\0" + none + " \0\0\0" + none;
      RawTar tar = new RawTar().folder("before").folder("before/in");
      tar.pax("SCHILY.xattr.system.posix_acl_default", list).folder("d").folder("d/in");
      tree.apply(tar.bytes(), new RawTar().folder("d/later").folder("d/later/in").bytes());
      assumeTrue(
          tree.attribute("d", "system.posix_acl_default") != null,
          "needs a file system with access lists");
      for (String folder : new String[] {"before/in", "d/in", "d/later", "d/later/in"}) {
        assertNull(tree.attribute(folder, "system.posix_acl_default"), folder);
      }
    }

    @Test
    void fileCapabilitiesSurviveTheChangeOfOwner() {
      assumeTrue(Unpacked.isRoot(), "needs root: sets file capabilities");
      // Revision 2 with cap_net_raw, effective.
      String capability = "\u0001\u0000\u0000\u0002\u0000 " + "\u0000".repeat(14);
      tree.apply(
          new RawTar()
              .pax("SCHILY.xattr.security.capability", capability)
              .put(RawTar.header("ping", '0').mode(0755).owner(0, 5))
              .bytes());
      assertEquals(capability, tree.attribute("ping", "security.capability"));
    }

    @Test
    void malformedFileCapabilitiesAreRefused() throws IOException {
      assumeTrue(Unpacked.isRoot(), "needs root: sets file capabilities");
      RawTar tar = new RawTar().pax("SCHILY.xattr.security.capability", "nonsense").file("f", "");
      assertEquals("cannot be unpacked: \"f\": invalid argument", tree.refused(tar.bytes()));
    }

    @Test
    void thatCannotBeKeptAreSaidOnce() throws IOException {
      List<String> notices = new ArrayList<>();
      UnpackOptions plain = Unpacked.plain();
      UnpackOptions options =
          new UnpackOptions(plain.form(), plain.budget(), plain.record(), false, notices::add);
      RawTar tar = new RawTar().pax("SCHILY.xattr.security.capability", "c").file("bin/ping", "");
      tar.pax("SCHILY.xattr.security.capability", "c", "SCHILY.xattr.user.k", "v").file("b", "");
      Gate gate = FailingGate.refusing(Unpacked.GATE, SystemCall.FSETXATTR, Errno.EPERM);
      tree.apply(gate, options, tar.bytes());
      assertEquals(
          List.of(
              "the attribute security.capability of \"b\" and 1 more is lost: this user or"
                  + " this file system cannot keep it",
              "the attribute user.k of \"b\" is lost: this user or this file system cannot keep it"),
          notices);
      assertEquals(List.of("b", "bin/", "bin/ping"), tree.names());
    }

    @Test
    void thatSayWhoseAFileIsAreNotTheImagesToSet() {
      String recorded = "user.rootlesscontainers";
      RawTar tar = new RawTar().pax("SCHILY.xattr." + recorded, "\u0008\u0001").file("f", "");
      tree.apply(tar.pax("SCHILY.xattr." + recorded, "\u0008\u0001").folder("d").bytes());
      if (Unpacked.isRoot()) {
        assertNull(tree.attribute("f", recorded));
        assertNull(tree.attribute("d", recorded));
      }
    }

    @Test
    void ofTheHostAreNotTheImagesToSet() {
      tree.apply(new RawTar().pax("SCHILY.xattr.security.selinux", "x").file("f", "").bytes());
      assertNull(tree.attribute("f", "security.selinux"));
    }
  }

  @Nested
  class Special {
    @Test
    void aFifoIsAFifo() {
      tree.apply(new RawTar().put(RawTar.header("p", '6').mode(0622)).bytes());
      assertTrue(tree.status("p").is(FileMode.FIFO));
      assertEquals(0622, tree.mode("p"));
      assertEquals(RawTar.TIME, tree.time("p"));
    }

    @Test
    void devicesHaveTheirNumbers() {
      assumeTrue(Unpacked.isRoot(), "needs root: makes devices");
      RawTar tar = new RawTar().put(RawTar.header("null", '3').mode(0666).device(1, 3));
      tree.apply(tar.put(RawTar.header("disk", '4').device(259, 70000)).bytes());
      assertTrue(tree.status("null").is(FileMode.CHARACTER_DEVICE));
      assertEquals(new DeviceNumber(1, 3), tree.status("null").device());
      assertEquals(0666, tree.mode("null"));
      assertTrue(tree.status("disk").is(FileMode.BLOCK_DEVICE));
      assertEquals(new DeviceNumber(259, 70000), tree.status("disk").device());
    }

    @Test
    void anEmptyFileKeepsThePlaceOfADeviceThatMayNotBeMade() throws IOException {
      UnpackOptions plain = Unpacked.plain();
      UnpackOptions options =
          new UnpackOptions(plain.form(), plain.budget(), plain.record(), true, _ -> {});
      byte[] tar = new RawTar().put(RawTar.header("null", '3').mode(0666).device(1, 3)).bytes();
      Gate gate =
          FailingGate.refusing(
              Unpacked.GATE,
              SystemCall.MKNODAT,
              Errno.EPERM,
              mode -> (mode & FileMode.TYPE_MASK) == FileMode.CHARACTER_DEVICE);
      tree.apply(gate, options, tar);
      assertTrue(tree.status("null").is(FileMode.REGULAR));
      assertEquals("", tree.content("null"));
    }

    @Test
    void ofEStargzAreNoPartOfTheImage() throws IOException {
      RawTar tar = new RawTar().file(".no.prefetch.landmark", "\u000f").file("d/x", "");
      tar.file(".prefetch.landmark", "\u000f").file("stargz.index.json", "{}");
      tree.apply(tar.file("d/stargz.index.json", "kept").bytes());
      assertEquals(List.of("d/", "d/stargz.index.json", "d/x"), tree.names());
    }

    @Test
    void aWhiteoutOfOverlayfsIsRefused() throws IOException {
      assertEquals(
          "holds \"w\", an overlayfs whiteout, which no layer may",
          tree.refused(new RawTar().put(RawTar.header("w", '3')).bytes()));
    }

    @Test
    void anUnknownKindIsRefused() throws IOException {
      assertEquals(
          "cannot be read: \"v\" is of the unknown kind 'V'",
          tree.refused(new RawTar().put(RawTar.header("v", 'V')).bytes()));
    }
  }
}

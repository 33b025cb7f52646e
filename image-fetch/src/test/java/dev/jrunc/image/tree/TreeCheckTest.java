package dev.jrunc.image.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jrunc.image.bundle.BundleCheck;
import dev.jrunc.image.bundle.Bundles;
import dev.jrunc.image.layer.RawTar;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeCheckTest {
  @TempDir private Path folder;

  // Bytes below '/' sort before what is in a folder, those above after it; a walk does otherwise.
  @Test
  void findsWhatIsMissingAndAddedBesideAndBelowFoldersOfLikeNames() throws IOException {
    Path web = folder.resolve("web");
    RawTar tar = new RawTar();
    for (String name : List.of("d!x", "d-", "d.x", "d/a/b", "d/x", "d/y", "d0", "dd/x", "e", "z")) {
      tar.file(name, "");
    }
    Bundles.build(Bundles.request(web, "{}", tar.bytes()));
    Path root = web.resolve("rootfs");
    for (String name : List.of("d!x", "d/x", "d/a/b", "d/a", "d0", "z")) {
      Files.delete(root.resolve(name));
    }
    for (String name : List.of("d\"", "d/-", "d/z", "dd/a", "zz")) {
      Files.createFile(root.resolve(name));
    }
    List<String> found =
        new BundleCheck(Bundles.GATE)
            .check(web, true).drifts().stream()
                .filter(drift -> drift.kind() != Drift.Kind.CHANGED)
                .map(drift -> drift.kind() + " " + drift.path())
                .toList();
    assertEquals(
        List.of(
            "MISSING d!x",
            "ADDED d\"",
            "ADDED d/-",
            "MISSING d/a",
            "MISSING d/a/b",
            "MISSING d/x",
            "ADDED d/z",
            "MISSING d0",
            "ADDED dd/a",
            "MISSING z",
            "ADDED zz"),
        found);
  }

  @Test
  void takesNoFilesOfTwoFileSystemsForOne() throws IOException, InterruptedException {
    Linux linux = Linux.over(Bundles.GATE);
    Assumptions.assumeTrue(linux.credentials().effectiveUid() == 0, "only root mounts");
    Map<String, String> same = new TreeMap<>();
    List<Path> disks = List.of(folder.resolve("a"), folder.resolve("b"));
    for (Path disk : disks) {
      Files.createDirectory(disk);
      run("mount", "-t", "tmpfs", "tmpfs", disk.toString());
    }
    try {
      for (Path disk : disks) {
        Files.createLink(disk.resolve("g"), Files.createFile(disk.resolve("f")));
      }
      assertEquals(
          Files.getAttribute(disks.get(0).resolve("f"), "unix:ino"),
          Files.getAttribute(disks.get(1).resolve("f"), "unix:ino"));
      int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
      try (Descriptor root =
          linux.files().open(linux.currentDirectory(), folder.toString(), flags, 0)) {
        new TreeReader(Bundles.GATE, false)
            .walk(root, (path, facts, parent, name) -> same.put(path, facts.same()));
      }
    } finally {
      for (Path disk : disks) {
        run("umount", disk.toString());
      }
    }
    assertEquals(
        Map.of("", "", "a", "", "a/f", "", "a/g", "a/f", "b", "", "b/f", "", "b/g", "b/f"), same);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }
}

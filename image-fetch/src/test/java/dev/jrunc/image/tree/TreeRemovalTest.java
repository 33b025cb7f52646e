package dev.jrunc.image.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.bundle.Bundles;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.jnr.JnrGate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeRemovalTest {
  private static final Gate GATE = new JnrGate();

  @TempDir private Path folder;

  private List<String> remove(String name) {
    Linux linux = Linux.over(GATE, StandardCharsets.ISO_8859_1);
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    try (Descriptor parent =
        linux.files().open(linux.currentDirectory(), folder.toString(), flags, 0)) {
      linux.files().mkdirRaw(parent, "tree/\u00ff", 0700);
      return new TreeRemoval(GATE).remove(parent, name);
    }
  }

  @Test
  void takesATreeWithNamesOfAnyBytes() throws IOException {
    Files.createDirectories(folder.resolve("tree/a/b/c"));
    Files.writeString(folder.resolve("tree/a/file"), "x");
    remove("tree");
    assertEquals(List.of(), Bundles.names(folder));
  }

  @Test
  void takesALinkAndNotItsTarget() throws IOException {
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Files.writeString(outside.resolve("victim"), "untouched");
    Files.createDirectory(folder.resolve("tree"));
    Files.createSymbolicLink(folder.resolve("tree/link"), outside);
    Files.createSymbolicLink(folder.resolve("top"), outside);
    remove("tree");
    remove("top");
    assertEquals(List.of("outside", "outside/victim"), Bundles.names(folder));
  }

  @Test
  void takesADeepTree() throws IOException {
    Path deep = folder.resolve("tree");
    for (int i = 0; i < 1500; i++) {
      Files.createDirectory(deep);
      deep = deep.resolve("d");
    }
    Files.createDirectory(folder.resolve("tree/d/e"));
    assertEquals(List.of(), remove("tree"));
    assertEquals(List.of(), Bundles.names(folder));
  }

  @Test
  void leavesWhatIsMountedInItAndSaysSo() throws IOException, InterruptedException {
    Assumptions.assumeTrue(Linux.over(GATE).credentials().effectiveUid() == 0, "only root mounts");
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Files.writeString(outside.resolve("victim"), "untouched");
    Path place = Files.createDirectories(folder.resolve("tree/a/place"));
    Files.writeString(folder.resolve("tree/a/file"), "x");
    run("mount", "--bind", outside.toString(), place.toString());
    try {
      assertEquals(List.of("\"tree/a/place\": something is mounted there"), remove("tree"));
    } finally {
      run("umount", place.toString());
    }
    assertEquals("untouched", Files.readString(outside.resolve("victim")));
    assertEquals(
        List.of("outside", "outside/victim", "tree", "tree/a", "tree/a/place"),
        Bundles.names(folder));
    assertEquals(List.of(), remove("tree"));
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }

  @Test
  void ofNothingIsFine() throws IOException {
    remove("none");
    assertTrue(Bundles.names(folder).isEmpty());
  }
}

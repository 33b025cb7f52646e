package dev.jrunc.runtime.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.jnr.JnrGate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinarySealTest {
  private final Linux linux = Linux.over(new JnrGate());
  @TempDir Path folder;

  private Descriptor open(String path) {
    return linux.files().open(linux.currentDirectory(), path, OpenFlags.RDONLY, 0);
  }

  @Test
  void aPlainFileIsNotSealed() throws Exception {
    try (Descriptor file = open(Files.writeString(folder.resolve("f"), "x").toString())) {
      assertFalse(BinarySeal.isSealed(linux, file));
    }
  }

  @Test
  void aMemoryFileIsSealedOnlyWithEverySeal() {
    try (Descriptor file = linux.streams().memoryFile("t", 2)) {
      assertFalse(BinarySeal.isSealed(linux, file));
      linux.streams().control(file, 1033, 2 | 4 | 8);
      assertFalse(BinarySeal.isSealed(linux, file));
      linux.streams().control(file, 1033, 1);
      assertTrue(BinarySeal.isSealed(linux, file));
    }
  }

  @Test
  void aFileOfAReadOnlyMountIsSealed() throws Exception {
    assumeTrue(linux.credentials().effectiveUid() == 0, "needs root to mount");
    try (Descriptor file = open(Files.writeString(folder.resolve("f"), "x").toString());
        Descriptor mount = linux.mounts().cloneTree(file, "", FileCalls.EMPTY_PATH)) {
      linux.mounts().setAttributes(mount, 0, MountAttribute.READ_ONLY, 0, 0);
      try (Descriptor seen = open(mount.procPath())) {
        assertTrue(BinarySeal.isSealed(linux, seen));
      }
    }
  }

  @Test
  void theCallerMayAskForACopy() {
    assertEquals(SealMethod.COPY, SealMethod.of(List.of("A=b", "JRUNC_SEAL=copy")));
    assertEquals(SealMethod.MOUNT, SealMethod.of(List.of("JRUNC_SEAL=")));
  }
}

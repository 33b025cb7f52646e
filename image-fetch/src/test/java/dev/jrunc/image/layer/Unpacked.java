package dev.jrunc.image.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.tree.TreeRecord;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.kernel.jnr.JnrGate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A rootfs beside a file that no layer may touch, and what its files are like. */
final class Unpacked {
  static final Gate GATE = new JnrGate();
  private static final Linux LINUX = Linux.over(GATE, StandardCharsets.ISO_8859_1);

  private final Path root;
  private final Path outside;

  Unpacked(Path folder) throws IOException {
    root = Files.createDirectory(folder.resolve("rootfs"));
    outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("victim"), "untouched");
  }

  static boolean isRoot() {
    return LINUX.credentials().effectiveUid() == 0;
  }

  Path outside() {
    return outside;
  }

  Path path(String name) {
    return root.resolve(name);
  }

  Unpacked apply(byte[]... tars) {
    return apply(GATE, plain(), tars);
  }

  Unpacked apply(Gate gate, UnpackOptions options, byte[]... tars) {
    List<LayerSource> layers = new ArrayList<>();
    for (byte[] tar : tars) {
      Digest digest = Digest.sha256(tar);
      layers.add(
          new LayerSource(
              layers.size() + 1, digest.toString(), digest, () -> new ByteArrayInputStream(tar)));
    }
    try (Descriptor folder = open()) {
      new LayerUnpacker(gate, folder, options).apply(layers, "/");
    }
    return this;
  }

  /** Asserts that the layers are refused, and answers the reason without the layer's name. */
  String refused(byte[]... tars) throws IOException {
    ImageFailure failure = assertThrows(ImageFailure.class, () -> apply(tars));
    assertOutsideUntouched();
    String message = String.valueOf(failure.getMessage());
    assertEquals("layer " + tars.length, message.substring(0, 7), message);
    return message.replaceFirst("layer \\d+ \\(sha256:[0-9a-f]+\\) ", "");
  }

  void assertOutsideUntouched() throws IOException {
    assertEquals("untouched", Files.readString(outside.resolve("victim")));
    try (Stream<Path> files = Files.list(outside)) {
      assertEquals(1, files.count(), "files outside");
    }
    try (Stream<Path> files = Files.list(outside.resolveSibling("."))) {
      assertEquals(2, files.count(), "files beside the rootfs");
    }
  }

  /** All names, sorted, folders with a slash. */
  List<String> names() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> !file.equals(root))
          .map(file -> root.relativize(file) + (isFolder(file) ? "/" : ""))
          .sorted()
          .toList();
    }
  }

  private static boolean isFolder(Path file) {
    return Files.isDirectory(file, java.nio.file.LinkOption.NOFOLLOW_LINKS);
  }

  /** The names in the root, bytes as ISO-8859-1. */
  List<String> rawNames() {
    try (Descriptor folder = open()) {
      return LINUX.files().list(folder);
    }
  }

  String content(String name) throws IOException {
    return Files.readString(root.resolve(name));
  }

  FileStatus status(String name) {
    try (Descriptor folder = open()) {
      return LINUX.files().status(folder, name, FileCalls.NOFOLLOW);
    }
  }

  int mode(String name) {
    return status(name).mode() & 07777;
  }

  long time(String name) {
    return status(name).modified().seconds();
  }

  /** An extended attribute, bytes as ISO-8859-1; null where there is none. */
  @Nullable String attribute(String file, String attribute) {
    try (Memory memory = Memory.scope(GATE)) {
      Memory.Block value = memory.block(4096);
      long length =
          GATE.call(
              SystemCall.LGETXATTR.number(GATE.architecture()),
              memory.string(root.resolve(file).toString()),
              memory.string(attribute),
              value.address(),
              value.size(),
              0,
              0);
      return length < 0
          ? null
          : new String(value.getBytes(0, (int) length), StandardCharsets.ISO_8859_1);
    }
  }

  private Descriptor open() {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    return LINUX.files().open(LINUX.currentDirectory(), root.toString(), flags, 0);
  }

  /** A plain tree, nothing recorded. */
  static UnpackOptions plain() {
    UnpackBudget budget = new UnpackBudget(UnpackLimits.DEFAULT);
    return new UnpackOptions(TreeForm.PLAIN, budget, TreeRecord.none(), false, _ -> {});
  }
}

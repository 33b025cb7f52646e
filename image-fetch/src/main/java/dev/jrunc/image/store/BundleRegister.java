package dev.jrunc.image.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.manifest.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Which bundles use which unpacked layers: one file {@code bundles/ID.json} each, written before
 * the layers are used and removed after. A bundle that somebody removed by hand counts no more, as
 * soon as no mount refers to its layers either.
 */
public final class BundleRegister {
  private static final String NEW = ".new";

  private final Path store;
  private final Path folder;

  public BundleRegister(Path store) {
    this.store = store.toAbsolutePath().normalize();
    this.folder = this.store.resolve("bundles");
  }

  /** Held for as long as the bundle is being made or removed. */
  public record Entry(FileChannel held) implements AutoCloseable {
    @Override
    public void close() {
      try {
        held.close();
      } catch (IOException e) {
        // It was only held, nothing is lost.
      }
    }
  }

  /** Registers a bundle; from now on none of the layers is removed. */
  public Entry enter(String id, Path bundle, List<Digest> layers) {
    ObjectNode tree = Json.newObject();
    tree.put("bundle", bundle.toAbsolutePath().normalize().toString());
    var list = tree.putArray("layers");
    layers.forEach(layer -> list.add(layer.toString()));
    Path file = file(id);
    try (StoreLock _ = lock()) {
      LayoutWriter.createFolder(folder);
      Entry entry = write(file, Json.pretty(tree).getBytes(StandardCharsets.UTF_8));
      LayoutWriter.sync(folder);
      return entry;
    } catch (IOException e) {
      throw Reasons.cannotWrite(file, e);
    }
  }

  // Locked before it has its name, and under that name only when the disk has it.
  private static Entry write(Path file, byte[] bytes) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + NEW);
    FileChannel channel =
        FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    boolean whole = false;
    try {
      channel.lock();
      ByteBuffer content = ByteBuffer.wrap(bytes);
      while (content.hasRemaining()) {
        channel.write(content);
      }
      channel.force(true);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      whole = true;
      return new Entry(channel);
    } finally {
      if (!whole) {
        channel.close();
        Files.deleteIfExists(fresh);
      }
    }
  }

  /** Takes the bundle out; that it is not there is fine. */
  public void leave(String id) {
    try {
      Files.deleteIfExists(file(id));
    } catch (IOException e) {
      throw Reasons.cannotWrite(file(id), e);
    }
  }

  /**
   * The same, once no container has the bundle mounted any more, though its folder is gone; until
   * then the collection of layers keeps the entry.
   */
  public void leaveUnlessMounted(String id, Path bundle) {
    if (!MountedLayers.anywhere().hasUpper(upper(bundle))) {
      leave(id);
    }
  }

  private static Path upper(Path bundle) {
    return bundle.toAbsolutePath().normalize().resolve(".jimage").resolve("upper");
  }

  /** All that can be read; one that cannot, as after a power cut, protects nothing. */
  public List<RegisteredBundle> all() {
    return all(_ -> {});
  }

  private List<RegisteredBundle> all(Consumer<Path> broken) {
    List<RegisteredBundle> bundles = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
      for (Path file : files) {
        read(file, bundles, broken);
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw Reasons.cannotRead(folder, e);
    }
    return List.copyOf(bundles);
  }

  /** Takes out what was removed by hand, and answers the layers that the others use. */
  Set<Digest> layersInUse(Consumer<String> notices) {
    clearHalves();
    MountedLayers mounted = MountedLayers.anywhere();
    Set<Digest> used = new HashSet<>(mounted.layers());
    List<Path> broken = new ArrayList<>();
    for (RegisteredBundle bundle : all(broken::add)) {
      boolean lives =
          bundle.atWork()
              || isThere(bundle)
              || mounted.hasUpper(upper(bundle.folder()))
              || bundle.layers().stream().anyMatch(mounted.layers()::contains);
      if (lives) {
        used.addAll(bundle.layers());
      } else {
        leave(bundle.id());
      }
    }
    for (Path file : broken) {
      deleteQuietly(file);
      notices.accept("removed \"" + file + "\", which does not say what bundle it is of");
    }
    return Set.copyOf(used);
  }

  // Whoever writes one holds the lock of the store meanwhile, as the caller does now.
  private void clearHalves() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + NEW)) {
      files.forEach(BundleRegister::deleteQuietly);
    } catch (NoSuchFileException e) {
      // No bundle was ever registered.
    } catch (IOException e) {
      throw Reasons.cannotRead(folder, e);
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // It protects nothing; the next collection tries again.
    }
  }

  private static boolean isThere(RegisteredBundle bundle) {
    Path own = bundle.folder().resolve(".jimage").resolve("bundle.json");
    try {
      JsonNode tree = Json.object(Files.readAllBytes(own), "\"" + own + "\"");
      return tree.path("id").asText().equals(bundle.id());
    } catch (IOException | ImageFailure e) {
      return false;
    }
  }

  private static void read(Path file, List<RegisteredBundle> into, Consumer<Path> broken)
      throws IOException {
    String name = file.getFileName().toString();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      JsonNode tree = Json.object(Files.readAllBytes(file), "\"" + file + "\"");
      List<Digest> layers = new ArrayList<>();
      tree.path("layers").forEach(layer -> layers.add(Digest.parse(layer.asText())));
      into.add(
          new RegisteredBundle(
              name.substring(0, name.length() - ".json".length()),
              Path.of(tree.path("bundle").asText()),
              layers,
              isHeld(channel)));
    } catch (NoSuchFileException e) {
      // It left meanwhile.
    } catch (ImageFailure | InvalidPathException e) {
      broken.accept(file);
    }
  }

  private static boolean isHeld(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() == null;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  private Path file(String id) {
    return folder.resolve(id + ".json");
  }

  private StoreLock lock() {
    LayoutWriter.createFolder(store);
    return StoreLock.take(store);
  }
}

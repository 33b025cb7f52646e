package dev.jrunc.image.overlay;

import dev.jrunc.image.digest.ChainId;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.layer.LayerSource;
import dev.jrunc.image.layer.LayerUnpacker;
import dev.jrunc.image.layer.NeedsLowerLayers;
import dev.jrunc.image.layer.TreeForm;
import dev.jrunc.image.layer.UnpackBudget;
import dev.jrunc.image.layer.UnpackLimits;
import dev.jrunc.image.layer.UnpackOptions;
import dev.jrunc.image.store.UnpackedLayers;
import dev.jrunc.image.tree.TreeRecord;
import dev.jrunc.image.tree.TreeRemoval;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.Timestamp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The layers of an image, unpacked in the store. Those that are missing are unpacked side by side,
 * each by itself. A layer that means something only on those below it is then unpacked again
 * through a mount of them, where the kernel finds out what that is.
 */
public final class LayerStack {
  private static final int AT_ONCE = 2;

  private final Gate gate;
  private final Linux linux;
  private final UnpackedLayers store;
  private final TreeForm form;
  private final UnpackBudget budget;
  private final Consumer<String> notices;

  /**
   * @param notices hears what could not be kept of a layer; may be called by several threads
   */
  public LayerStack(
      Gate gate,
      UnpackedLayers store,
      TreeForm form,
      UnpackLimits limits,
      Consumer<String> notices) {
    this.gate = gate;
    this.linux = Linux.over(gate, StandardCharsets.ISO_8859_1);
    this.store = store;
    this.form = form;
    this.budget = new UnpackBudget(limits);
    this.notices = notices;
  }

  /** A layer at work: where, or nothing if it needs those below. */
  private record Unpacked(UnpackedLayers.Work work, boolean alone, boolean rootNamed) {}

  /** The chain ids of the layers, lowest first; when this returns all are in the store. */
  public List<Digest> ensure(List<LayerSource> layers) {
    List<Digest> chain = ChainId.of(layers.stream().map(LayerSource::diffId).toList());
    List<@Nullable Future<Unpacked>> running = new ArrayList<>();
    List<UnpackedLayers.Work> begun = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    try {
      for (int i = 0; i < layers.size(); i++) {
        if (store.has(chain.get(i))) {
          running.add(null);
          continue;
        }
        UnpackedLayers.Work work = store.begin();
        begun.add(work);
        LayerSource layer = layers.get(i);
        boolean lowest = i == 0;
        running.add(threads.submit(() -> unpack(layer, work, lowest)));
      }
      Map<Digest, UnpackedLayers.Work> made = new LinkedHashMap<>();
      List<Path> trees = new ArrayList<>();
      for (int i = 0; i < layers.size(); i++) {
        Future<Unpacked> unpacked = running.get(i);
        Digest id = chain.get(i);
        if (unpacked == null) {
          trees.add(store.tree(id));
        } else {
          UnpackedLayers.Work work = complete(layers.get(i), result(unpacked), trees, begun);
          made.put(id, work);
          trees.add(work.tree());
        }
      }
      show(made);
      return chain;
    } finally {
      threads.shutdownNow();
      threads.close();
      begun.forEach(work -> store.discard(gate, work));
    }
  }

  // Once for all, for it is the whole file system that is waited for. Without it a power cut could
  // leave layers whose files are empty, and every later bundle would share them.
  private void show(Map<Digest, UnpackedLayers.Work> made) {
    if (made.isEmpty()) {
      return;
    }
    try (Descriptor folder = open(made.values().iterator().next().folder())) {
      linux.files().syncFileSystem(folder);
    }
    made.forEach((id, work) -> store.commit(work, id));
  }

  private static Unpacked result(Future<Unpacked> running) {
    try {
      return running.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new ImageFailure("cannot unpack a layer: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageFailure("interrupted while unpacking layers", e);
    }
  }

  private Unpacked unpack(LayerSource layer, UnpackedLayers.Work work, boolean lowest) {
    Path folder = work.folder();
    Path tree = work.tree();
    UnpackBudget part = budget.part();
    try (TreeRecord record = TreeRecord.to(Files.newOutputStream(folder.resolve("record")))) {
      // For root alone until it is whole; then its root is what the image says.
      Files.createDirectory(tree);
      UnpackOptions options = new UnpackOptions(form, part, record, form.isUsers(), notices);
      try (Descriptor root = open(tree)) {
        linux.files().chmod(root, 0755);
        Timestamp epoch = new Timestamp(0, 0);
        linux.files().setTimes(root, "", epoch, epoch, 0);
        LayerUnpacker unpacker = new LayerUnpacker(gate, root, options);
        if (lowest) {
          record.implied("");
          unpacker.apply(List.of(layer), "/");
          return new Unpacked(work, true, true);
        }
        return new Unpacked(work, true, unpacker.applyAlone(layer));
      }
    } catch (NeedsLowerLayers e) {
      part.giveBack(); // It is counted when it is unpacked again.
      return new Unpacked(work, false, false);
    } catch (IOException | UncheckedIOException e) {
      throw new ImageFailure(
          "cannot unpack " + layer.label() + " to \"" + folder + "\": " + Reasons.of(e), e);
    }
  }

  private UnpackedLayers.Work complete(
      LayerSource layer, Unpacked unpacked, List<Path> lower, List<UnpackedLayers.Work> begun) {
    if (!unpacked.alone()) {
      UnpackedLayers.Work again = store.begin();
      begun.add(again);
      unpackOn(layer, again.folder(), lower);
      return again;
    }
    if (!unpacked.rootNamed()) {
      copyRoot(lower.getLast(), unpacked.work().tree());
    }
    return unpacked.work();
  }

  private void unpackOn(LayerSource layer, Path folder, List<Path> lower) {
    Path tree = folder.resolve("tree");
    Path work = folder.resolve("work");
    try (TreeRecord record = TreeRecord.to(Files.newOutputStream(folder.resolve("record")))) {
      Files.createDirectory(tree);
      Files.createDirectory(work);
      copyRoot(lower.get(lower.size() - 1), tree);
      UnpackOptions options =
          new UnpackOptions(TreeForm.PLAIN, budget, record, form.isUsers(), notices);
      try (Descriptor root = OverlayMount.make(linux, form, lower, tree, work)) {
        new LayerUnpacker(gate, root, options).apply(List.of(layer), "/");
      }
    } catch (IOException | UncheckedIOException e) {
      throw new ImageFailure(
          "cannot unpack " + layer.label() + " to \"" + folder + "\": " + Reasons.of(e), e);
    }
    try (Descriptor above = open(folder)) {
      new TreeRemoval(gate).remove(above, "work");
    }
  }

  /** What a mount shows as its root is the uppermost folder, with what is written on it. */
  public void copyRoot(Path from, Path to) {
    try (Descriptor source = open(from);
        Descriptor target = open(to)) {
      new RootAttributes(linux, form).copy(source, target);
    }
  }

  private Descriptor open(Path folder) {
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    String path =
        new String(folder.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    return linux.files().open(linux.currentDirectory(), path, flags, 0);
  }
}

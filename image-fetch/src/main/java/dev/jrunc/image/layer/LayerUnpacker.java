package dev.jrunc.image.layer;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.SyscallFailed;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Applies layers, in their order, to one tree. The next layers are inflated and digested ahead, and
 * the content of files is written behind, so that both go on while names are made.
 */
public final class LayerUnpacker {
  private static final int AHEAD = 2;

  private final Gate gate;
  private final Descriptor root;
  private final UnpackOptions options;

  /**
   * @param root the folder that becomes the rootfs
   */
  public LayerUnpacker(Gate gate, Descriptor root, UnpackOptions options) {
    this.gate = gate;
    this.root = root;
    this.options = options;
  }

  /**
   * Applies all layers; each counts only when its diff_id is the promised one.
   *
   * @param folder made in the end where nothing is, as an absolute path in the image
   */
  public void apply(List<LayerSource> layers, String folder) {
    try (Unpacking unpacking = new Unpacking(gate, options, false);
        RootTree tree = new RootTree(unpacking.linux(), root, options.record(), false)) {
      applyAll(layers, unpacking, tree);
      byte[] name = folder.substring(1).getBytes(StandardCharsets.UTF_8);
      tree.ensure(new String(name, StandardCharsets.ISO_8859_1));
      // Only now: every entry made in a folder would have changed its time.
      tree.times().restore();
      options.record().flush();
      unpacking.lost().sentences().forEach(options.notices());
    } catch (IOException | UncheckedIOException e) {
      throw new ImageFailure("cannot write down what was unpacked: " + Reasons.of(e), e);
    }
  }

  /**
   * Applies one layer by itself to an empty tree that will lie on others. Answers whether the layer
   * says what the root is like.
   *
   * @throws NeedsLowerLayers where only the layers below tell what it means
   */
  public boolean applyAlone(LayerSource layer) {
    try (Unpacking unpacking = new Unpacking(gate, options, true);
        RootTree tree = new RootTree(unpacking.linux(), root, options.record(), true)) {
      boolean rootNamed = applyAll(List.of(layer), unpacking, tree);
      tree.times().restore();
      options.record().flush();
      unpacking.lost().sentences().forEach(options.notices());
      return rootNamed;
    } catch (IOException | UncheckedIOException e) {
      throw new ImageFailure("cannot write down what was unpacked: " + Reasons.of(e), e);
    }
  }

  private boolean applyAll(List<LayerSource> layers, Unpacking unpacking, RootTree tree) {
    Deque<InflatedLayer> ahead = new ArrayDeque<>();
    boolean rootNamed = false;
    try {
      int started = 0;
      for (LayerSource layer : layers) {
        while (started < layers.size() && ahead.size() < AHEAD) {
          ahead.add(new InflatedLayer(layers.get(started++), options.budget()).start());
        }
        try (InflatedLayer plain = ahead.remove()) {
          rootNamed |= apply(layer, plain, unpacking, tree);
        }
      }
      return rootNamed;
    } finally {
      ahead.forEach(InflatedLayer::close);
    }
  }

  private boolean apply(
      LayerSource layer, InflatedLayer plain, Unpacking unpacking, RootTree tree) {
    EntryApplier applier;
    try {
      options.record().layer(layer.number());
      applier = new EntryApplier(unpacking, tree, layer.label());
      readAll(plain, applier);
      unpacking.writers().finish();
    } catch (IOException e) {
      throw new LayerRefused(layer.label() + " cannot be read: " + Reasons.of(e), e);
    } catch (SyscallFailed e) {
      throw failed(layer, e);
    }
    plain.checkDigest();
    return applier.rootNamed();
  }

  private static void readAll(InflatedLayer plain, EntryApplier applier) throws IOException {
    LayerTar tar = new LayerTar(plain, plain::holes);
    for (LayerEntry entry; (entry = tar.next()) != null; ) {
      applier.apply(entry, tar);
    }
    applier.finish();
    // What pads the archive is part of the layer's identity.
    plain.transferTo(OutputStream.nullOutputStream());
  }

  private static LayerRefused failed(LayerSource layer, SyscallFailed cause) {
    String hint =
        cause.errno() == Errno.ENOSPC || cause.errno() == Errno.EDQUOT
            ? "; free some space and try again"
            : cause.errno() == Errno.EPERM
                ? "; owners and devices of an image need root to be made"
                : "";
    return new LayerRefused(
        layer.label()
            + " cannot be unpacked: "
            + cause.subject()
            + ": "
            + Errno.message(cause.errno())
            + hint,
        cause);
  }
}

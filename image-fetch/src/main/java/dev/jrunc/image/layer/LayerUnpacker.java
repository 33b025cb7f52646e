package dev.jrunc.image.layer;

import dev.jrunc.image.compression.Decompressor;
import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.List;

/** Applies layers, in their order, to one tree. */
public final class LayerUnpacker {
  private static final int BUFFER = 1 << 17;

  private final Linux linux;
  private final Descriptor root;

  /**
   * @param root the folder that becomes the rootfs
   */
  public LayerUnpacker(Gate gate, Descriptor root) {
    this.linux = Linux.over(gate, StandardCharsets.ISO_8859_1);
    this.root = root;
  }

  /**
   * Applies all layers; each counts only when its diff_id is the promised one.
   *
   * @param folder made in the end where nothing is, as an absolute path in the image
   */
  public void apply(List<LayerSource> layers, String folder) {
    try (RootTree tree = new RootTree(linux, root)) {
      FolderTimes times = new FolderTimes(tree);
      for (LayerSource layer : layers) {
        try {
          apply(layer, tree, times);
        } catch (IOException e) {
          throw new LayerRefused(layer.label() + " cannot be read: " + Reasons.of(e), e);
        } catch (SyscallFailed e) {
          throw failed(layer, e);
        }
      }
      byte[] name = folder.substring(1).getBytes(StandardCharsets.UTF_8);
      tree.ensure(new String(name, StandardCharsets.ISO_8859_1));
      // Only now: every entry made in a folder would have changed its time.
      times.restore();
    }
  }

  private void apply(LayerSource layer, RootTree tree, FolderTimes times) throws IOException {
    MessageDigest computation = layer.diffId().algorithm().start();
    try (InputStream packed = new BufferedInputStream(layer.opener().open(), BUFFER);
        InputStream plain =
            new BufferedInputStream(
                new DigestInputStream(Decompressor.open(packed), computation), BUFFER)) {
      EntryApplier applier = new EntryApplier(tree, layer.label(), times);
      LayerTar tar = new LayerTar(plain);
      for (LayerEntry entry; (entry = tar.next()) != null; ) {
        applier.apply(entry, tar);
      }
      applier.finish();
      // What pads the archive is part of the layer's identity.
      plain.transferTo(OutputStream.nullOutputStream());
    }
    Digest actual = Digest.of(layer.diffId().algorithm(), computation);
    if (!actual.equals(layer.diffId())) {
      throw new ImageFailure(
          layer.label()
              + " has the wrong content: its diff_id is "
              + actual
              + ", the image's configuration names "
              + layer.diffId());
    }
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

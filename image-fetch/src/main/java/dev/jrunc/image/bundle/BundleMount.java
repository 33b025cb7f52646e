package dev.jrunc.image.bundle;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.overlay.OverlayMount;
import dev.jrunc.image.store.UnpackedLayers;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import java.nio.file.Path;
import java.util.List;

/** Mounts the layers of an overlay bundle again: a restart of the machine takes the mount away. */
public final class BundleMount {
  private final Linux linux;

  public BundleMount(Gate gate) {
    this.linux = Linux.over(gate);
  }

  /** What was to do. */
  public enum Outcome {
    MOUNTED,
    /** It is there. */
    ALREADY,
    /** The bundle has files of its own, or the runtime mounts its layers. */
    NONE
  }

  /** What the containers of the bundle have changed is there again. */
  public Outcome mount(Path folder) {
    try (BundleFolder opened = BundleFolder.open(linux, folder)) {
      BundleNote note = opened.note();
      if (note.mode() != BundleMode.OVERLAY || !note.ids().isEmpty()) {
        return Outcome.NONE;
      }
      if (opened.isMounted()) {
        return Outcome.ALREADY;
      }
      UnpackedLayers layers = note.unpacked();
      for (Digest layer : note.layers()) {
        if (!layers.has(layer)) {
          throw new ImageFailure(
              "the layer "
                  + layers.tree(layer)
                  + " of the bundle in \""
                  + folder
                  + "\" is gone; bundle the image again, in another folder, and it is made anew");
        }
      }
      List<Path> trees = note.layers().stream().map(layers::tree).toList();
      Path upper = folder.resolve(OverlaidRootfs.UPPER);
      Path work = folder.resolve(OverlaidRootfs.WORK);
      try (Descriptor mount = OverlayMount.make(linux, note.form(), trees, upper, work)) {
        opened.attach(mount);
      }
      return Outcome.MOUNTED;
    } catch (SyscallFailed e) {
      throw new ImageFailure(
          "cannot mount the layers of the bundle in \""
              + folder
              + "\": "
              + e.subject()
              + ": "
              + Errno.message(e.errno()),
          e);
    }
  }
}

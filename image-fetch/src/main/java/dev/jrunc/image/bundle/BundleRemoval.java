package dev.jrunc.image.bundle;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.store.BundleRegister;
import dev.jrunc.image.store.ImageStore;
import dev.jrunc.image.store.RegisteredBundle;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import java.nio.file.Files;
import java.nio.file.Path;

/** Takes bundles away that jimage made, with their mount and their entry in the store. */
public final class BundleRemoval {
  private final Linux linux;

  public BundleRemoval(Gate gate) {
    this.linux = Linux.over(gate);
  }

  /**
   * Removes the bundle in {@code folder}; the folder stays.
   *
   * @param force also if a container's process is in it
   */
  public BundleNote remove(Path folder, boolean force) {
    try (BundleFolder opened = BundleFolder.openAsItIs(linux, folder)) {
      BundleNote note = opened.note();
      if (!force) {
        refuseUsed(folder, note);
      }
      opened.clear();
      if (note.mode() == BundleMode.OVERLAY) {
        new BundleRegister(note.store()).leaveUnlessMounted(note.id(), folder);
      }
      return note;
    } catch (SyscallFailed e) {
      throw new ImageFailure(
          "cannot remove the bundle in \""
              + folder
              + "\": "
              + e.subject()
              + ": "
              + Errno.message(e.errno()),
          e);
    }
  }

  private static void refuseUsed(Path folder, BundleNote note) {
    String user =
        note.ids().isEmpty() || note.mode() == BundleMode.COPY
            ? BundleUsers.of(folder.resolve(BundleFolder.ROOTFS))
            : BundleUsers.ofUpper(folder.resolve(OverlaidRootfs.UPPER));
    if (!user.isEmpty()) {
      throw new ImageFailure(
          "the bundle in \""
              + folder
              + "\" is in use by process "
              + user
              + "; stop the container first, or use --force");
    }
  }

  /** Clears away, or finishes, the overlay bundles whose makers were killed. */
  void sweep(ImageStore store) {
    BundleRegister register = new BundleRegister(store.root());
    for (RegisteredBundle bundle : register.all()) {
      Path own = bundle.folder().resolve(BundleFolder.OWN);
      if (bundle.atWork() || !Files.exists(own.resolve("unfinished"))) {
        continue;
      }
      try {
        BundleFolder.open(linux, bundle.folder()).close();
        if (!Files.exists(own)) {
          register.leave(bundle.id());
        }
      } catch (SyscallFailed | ImageFailure e) {
        // Somebody is at work there, or it is out of reach; the next one tries again.
      }
    }
  }
}

package dev.jrunc.image.bundle;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.overlay.OverlayMount;
import dev.jrunc.image.store.UnpackedLayers;
import dev.jrunc.image.tree.Drift;
import dev.jrunc.image.tree.TreeCheck;
import dev.jrunc.image.tree.TreeManifest;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Compares a bundle with what was unpacked into it. */
public final class BundleCheck {
  private final Gate gate;

  public BundleCheck(Gate gate) {
    this.gate = gate;
  }

  /**
   * What was found.
   *
   * @param before what was unpacked
   * @param checked how many files there are
   */
  public record Outcome(BundleNote note, TreeManifest before, int checked, List<Drift> drifts) {
    public Outcome {
      drifts = List.copyOf(drifts);
    }
  }

  /**
   * All that differs.
   *
   * @param content whether to read all files, too
   */
  public Outcome check(Path folder, boolean content) {
    BundleNote note = BundleNote.of(folder);
    TreeManifest manifest = manifest(folder, note);
    try (Descriptor root = rootfs(folder, note)) {
      TreeCheck check = new TreeCheck(gate, note.recordsOwners(), content);
      List<Drift> drifts = check.compare(root, manifest.files());
      return new Outcome(note, manifest, check.checked(), drifts);
    } catch (SyscallFailed e) {
      throw new ImageFailure(
          "cannot read the bundle in \""
              + folder
              + "\": "
              + e.subject()
              + ": "
              + Errno.message(e.errno()),
          e);
    }
  }

  /** What was unpacked into a bundle. */
  static TreeManifest manifest(Path folder, BundleNote note) {
    if (note.mode() == BundleMode.COPY) {
      Path record = folder.resolve(BundleFolder.OWN).resolve("record");
      if (!Files.exists(record)) {
        throw new ImageFailure(
            "the bundle in \"" + folder + "\" was made with --no-record: nothing to compare with");
      }
      return TreeManifest.read(List.of(record));
    }
    UnpackedLayers layers = note.unpacked();
    List<Path> records = new ArrayList<>(note.layers().stream().map(layers::record).toList());
    records.add(folder.resolve(BundleFolder.OWN).resolve("record"));
    return TreeManifest.read(records);
  }

  /** The tree of a bundle, as a container sees it. */
  public Descriptor rootfs(Path folder, BundleNote note) {
    Linux linux = Linux.over(gate, StandardCharsets.UTF_8);
    if (note.mode() == BundleMode.OVERLAY && !note.ids().isEmpty()) {
      UnpackedLayers layers = note.unpacked();
      List<Path> trees = new ArrayList<>(note.layers().stream().map(layers::tree).toList());
      trees.add(folder.resolve(OverlaidRootfs.UPPER));
      return OverlayMount.read(linux, note.form(), trees);
    }
    Path rootfs = folder.resolve(BundleFolder.ROOTFS);
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    try {
      Descriptor root = linux.files().open(linux.currentDirectory(), rootfs.toString(), flags, 0);
      boolean mounted = linux.files().fileSystem(root).type() == OverlayMount.MAGIC;
      if (note.mode() == BundleMode.OVERLAY && !mounted) {
        root.close();
        throw new ImageFailure(
            "the layers of the bundle in \""
                + folder
                + "\" are not mounted, as after a restart; jimage mount does it");
      }
      return root;
    } catch (SyscallFailed e) {
      throw new ImageFailure("cannot open \"" + rootfs + "\": " + Errno.message(e.errno()), e);
    }
  }
}

package dev.jrunc.image.layer;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.failure.Reasons;
import dev.jrunc.image.tree.ByteName;
import dev.jrunc.image.tree.FileFacts;
import dev.jrunc.image.tree.TreeManifest;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.kernel.Timestamp;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes one tree of layers that are unpacked already, as {@link LayerUnpacker} would of their
 * archives, on a file system where files can share their bytes. What is in the tree is what the
 * layers' records say of it, digests included; where its bytes are, the layers themselves tell.
 */
public final class TreeClone {
  private static final String LABEL = "the image";
  private static final int INSIDE =
      OpenFlags.RESOLVE_BENEATH | OpenFlags.RESOLVE_NO_SYMLINKS | OpenFlags.RESOLVE_NO_MAGICLINKS;

  private final Gate gate;
  private final Descriptor root;
  private final UnpackOptions options;

  /**
   * @param root the folder that becomes the rootfs
   */
  public TreeClone(Gate gate, Descriptor root, UnpackOptions options) {
    this.gate = gate;
    this.root = root;
    this.options = options;
  }

  /** Whether {@code to}, empty and open for writing, can have the bytes of {@code from}. */
  public static boolean works(Linux linux, Descriptor from, Descriptor to) {
    return ClonedContent.clone(linux, from, to) >= 0;
  }

  /**
   * Makes it.
   *
   * @param layers unpacked, the lowest first
   * @param folder made in the end where nothing is, as an absolute path in the image
   */
  public void make(List<Descriptor> layers, TreeManifest files, String folder) {
    try (Unpacking unpacking = new Unpacking(gate, options, false);
        RootTree tree = new RootTree(unpacking.linux(), root, options.record(), false)) {
      new Making(unpacking, tree, layers).all(files);
      byte[] name = folder.substring(1).getBytes(StandardCharsets.UTF_8);
      tree.ensure(new String(name, StandardCharsets.ISO_8859_1));
      tree.times().restore();
      options.record().flush();
      unpacking.lost().sentences().forEach(options.notices());
    } catch (SyscallFailed e) {
      throw new ImageFailure(
          "cannot clone the unpacked layers: %s: %s"
              .formatted(ByteName.shown(e.subject()), Errno.message(e.errno())),
          e);
    } catch (IOException | UncheckedIOException e) {
      throw new ImageFailure("cannot write down what was unpacked: " + Reasons.of(e), e);
    }
  }

  /** Two names of one file: an inode's number counts in its layer alone. */
  private record Identity(int layer, long inode) {}

  /** Where a file is. */
  private record Found(int layer, Descriptor file, FileStatus status) implements AutoCloseable {
    @Override
    public void close() {
      file.close();
    }
  }

  private static final class Making {
    private final Unpacking unpacking;
    private final RootTree tree;
    private final Linux linux;
    private final List<Descriptor> layers;
    private final EntryApplier applier;
    private final Map<Identity, String> linked = new HashMap<>();
    private final List<ClonedContent> contents = new ArrayList<>(1);

    Making(Unpacking unpacking, RootTree tree, List<Descriptor> layers) {
      this.unpacking = unpacking;
      this.tree = tree;
      this.linux = unpacking.linux();
      this.layers = layers;
      this.applier =
          new EntryApplier(
              unpacking,
              tree,
              LABEL,
              attributes -> {
                contents.add(new ClonedContent(tree, attributes));
                return contents.getFirst();
              });
    }

    void all(TreeManifest files) throws IOException {
      for (Map.Entry<String, FileFacts> each : files.files().entrySet()) {
        String path = each.getKey();
        FileFacts facts = each.getValue();
        unpacking.budget().bytes(LABEL, facts.size());
        if (facts.isFolder()) {
          folder(path, facts);
        } else {
          file(path, facts);
        }
      }
      applier.finish();
    }

    private void folder(String path, FileFacts facts) throws IOException {
      if (facts.modified() != null) {
        apply(path.isEmpty() ? "." : path, facts, LayerEntry.Kind.FOLDER, "");
      } else if (!path.isEmpty()) {
        tree.folder(path);
      }
    }

    private void file(String path, FileFacts facts) throws IOException {
      try (Found found = find(path, facts)) {
        // By the layer, not by the record: of two names, a later layer may have replaced one.
        Identity identity = new Identity(found.layer, found.status.inode());
        String first = found.status.links() > 1 ? linked.putIfAbsent(identity, path) : null;
        if (first != null) {
          apply(path, facts, LayerEntry.Kind.HARD_LINK, first);
          return;
        }
        contents.getFirst().next(found.file, facts);
        apply(path, facts, kind(facts), facts.target());
      }
    }

    private void apply(String path, FileFacts facts, LayerEntry.Kind kind, String link)
        throws IOException {
      Timestamp time = facts.modified() == null ? FolderTimes.EPOCH : facts.modified();
      applier.apply(
          new LayerEntry(
              path,
              kind,
              link,
              facts.mode(),
              facts.uid(),
              facts.gid(),
              time,
              facts.device(),
              facts.extended()),
          InputStream.nullInputStream());
    }

    /** The uppermost layer that has the name has the file. */
    private Found find(String path, FileFacts facts) {
      boolean plain = facts.kind() == '-';
      int flags = plain ? OpenFlags.RDONLY | OpenFlags.NONBLOCK : OpenFlags.PATH;
      for (int i = layers.size() - 1; i >= 0; i--) {
        long opened =
            linux.files().open2Raw(layers.get(i), path, flags | OpenFlags.NOFOLLOW, 0, INSIDE);
        if (opened >= 0) {
          Descriptor file = new Descriptor(linux.gate(), (int) opened);
          FileStatus status = linux.files().status(file);
          if (!plain || (status.is(FileMode.REGULAR) && status.size() == facts.size())) {
            return new Found(i, file, status);
          }
          file.close();
          throw changed(path);
        }
        if (opened != -Errno.ENOENT && opened != -Errno.ENOTDIR && opened != -Errno.ELOOP) {
          throw new SyscallFailed(SystemCall.OPENAT2, path, (int) -opened);
        }
      }
      throw changed(path);
    }

    private static ImageFailure changed(String path) {
      return new ImageFailure(
          "an unpacked layer in the store is not as it was unpacked: \"%s\""
              .formatted(ByteName.shown(path)));
    }

    private static LayerEntry.Kind kind(FileFacts facts) {
      return switch (facts.kind()) {
        case '-' -> LayerEntry.Kind.FILE;
        case 'l' -> LayerEntry.Kind.SYMLINK;
        case 'c' -> LayerEntry.Kind.CHARACTER_DEVICE;
        case 'b' -> LayerEntry.Kind.BLOCK_DEVICE;
        case 'p' -> LayerEntry.Kind.FIFO;
        default -> throw new ImageFailure("a record names a file of the kind " + facts.kind());
      };
    }
  }
}

package dev.jrunc.image.layer;

import dev.jrunc.image.tree.FileFacts;
import dev.jrunc.image.tree.TreeRecord;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Files that share their bytes with others, until one of the two is written to. */
final class ClonedContent implements Contents {
  /** {@code _IOW(0x94, 9, int)}: ioctl_ficlone(2). */
  private static final long FICLONE = 0x40049409L;

  private final Linux linux;
  private final TreeRecord record;
  private final EntryAttributes attributes;
  private @Nullable Descriptor source;
  private @Nullable FileFacts known;

  ClonedContent(RootTree tree, EntryAttributes attributes) {
    this.linux = tree.linux();
    this.record = tree.record();
    this.attributes = attributes;
  }

  /** The file whose bytes the next has, and what its record says of them. */
  void next(Descriptor file, FileFacts facts) {
    source = file;
    known = facts;
  }

  /** As ioctl(2): negative where the file systems cannot do it, or are not one. */
  static long clone(Linux linux, Descriptor from, Descriptor to) {
    return linux.streams().ioctlRaw(to, FICLONE, from.number());
  }

  @Override
  public long write(
      Descriptor folder,
      String name,
      String path,
      LayerEntry entry,
      FileFacts facts,
      InputStream none) {
    long opened = linux.files().openRaw(folder, name, FileContent.FRESH, 0600);
    if (opened < 0) {
      return opened;
    }
    FileFacts content = Objects.requireNonNull(known);
    try (Descriptor file = new Descriptor(linux.gate(), (int) opened)) {
      long result = content.size() == 0 ? 0 : clone(linux, Objects.requireNonNull(source), file);
      if (result < 0) {
        throw new SyscallFailed(SystemCall.IOCTL, path, (int) -result);
      }
      attributes.apply(file, entry);
    }
    TreeRecord.Line line = record.file(path, facts);
    if (line != null) {
      line.written(content.size(), content.sha256());
    }
    return 0;
  }
}

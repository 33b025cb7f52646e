package dev.jrunc.image.copy;

import dev.jrunc.image.manifest.Descriptor;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An OCI layout as a tar file. */
public final class OciArchiveTarget implements ImageTarget {
  private final Archive archive;
  private final LayoutTarget layout;

  public OciArchiveTarget(Path file, String name) {
    this.archive = new Archive(file);
    this.layout = new LayoutTarget(archive.folder(), name);
  }

  @Override
  public boolean blob(Descriptor blob, @Nullable String from, Content content) {
    return layout.blob(blob, from, content);
  }

  @Override
  public void manifest(Descriptor manifest, byte[] content) {
    layout.manifest(manifest, content);
  }

  @Override
  public void finish(Descriptor root, byte[] content) {
    layout.finish(root, content);
    archive.finish();
  }

  @Override
  public void close() {
    archive.close();
  }
}

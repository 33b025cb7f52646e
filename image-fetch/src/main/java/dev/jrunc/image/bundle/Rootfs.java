package dev.jrunc.image.bundle;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.spec.Mount;
import java.util.List;

/** One way to give a bundle its files. */
interface Rootfs extends AutoCloseable {
  /**
   * Makes the files, where nobody sees them yet.
   *
   * @param workingDirectory made where nothing is
   * @return the root of the tree, owned by this
   */
  Descriptor make(BundleFolder folder, String workingDirectory);

  /** What the runtime is to mount as the root, before all else. */
  default List<Mount> mounts() {
    return List.of();
  }

  /** Shows them as {@code rootfs}. */
  void publish(BundleFolder folder);

  /** Forgets the bundle in the store, after a failure. */
  void undo();

  @Override
  void close();
}

package dev.jrunc.runtime.plan;

import dev.jrunc.spec.Device;
import org.jspecify.annotations.Nullable;

/**
 * A step that builds the file system the container will see. Destinations are absolute paths inside
 * the container, cleaned; sources are absolute paths of the host.
 */
public sealed interface RootfsStep extends Step {
  /** The pointers of the root and of where it is. */
  String ROOT = "/root";

  String PATH = ROOT + "/path";

  /** Stops mounts of the new namespace from reaching the host, see mount_namespaces(7). */
  record IsolateMounts(String pointer, long propagation, boolean recursive) implements RootfsStep {}

  /** Makes the rootfs a mount of its own, which pivot_root(2) needs, and opens the handle on it. */
  record BindRootfs(String pointer, String path) implements RootfsStep {}

  /**
   * Opens the handle on a rootfs that the creating process has bound on itself: without a mount
   * namespace it is the host's mounts that change, and who has begun to change them puts them back.
   */
  record TakeRootfs(String pointer, String path) implements RootfsStep {}

  record MountFileSystem(
      String pointer, String destination, String type, String source, MountOptions options)
      implements RootfsStep {}

  /**
   * A tree of the host. What the container's process may not open, or may not map, is opened by the
   * creating process.
   */
  record BindMount(
      String pointer,
      String destination,
      String source,
      MountOptions options,
      @Nullable MountIdMap idMap)
      implements RootfsStep {}

  /** The container's own cgroups, in whichever version the host has. */
  record MountCgroup(
      String pointer, String destination, MountOptions options, boolean cgroupNamespace)
      implements RootfsStep {}

  /** A device node; where one cannot be made, the host's is bound in its place. */
  record MakeDevice(String pointer, Device device) implements RootfsStep {}

  /** A symbolic link of /dev. */
  record MakeLink(String pointer, String path, String target, Existing existing)
      implements RootfsStep {

    /** What becomes of a file that already has the name. */
    public enum Existing {
      KEEP,
      REPLACE
    }
  }

  /** Makes the rootfs the root. */
  record PivotRoot(String pointer) implements RootfsStep {}

  /** As {@link PivotRoot}, where the old root is an initramfs that cannot be pivoted. */
  record MoveRoot(String pointer) implements RootfsStep {}

  /** Makes the rootfs the root of the process alone, by chroot(2): the mounts are others' too. */
  record ChangeRoot(String pointer) implements RootfsStep {}

  /** Propagation of the container's root, once it is the root. */
  record PropagateRoot(String pointer, long propagation, boolean recursive) implements RootfsStep {}

  /** Standard streams that are the host's /dev/null become the container's. */
  record ReopenNullStreams(String pointer) implements RootfsStep {}

  record MakeDirectory(String pointer, String path) implements RootfsStep {}

  /** Makes read-only what had to be written to until now. */
  record MakeReadonly(String pointer, String destination) implements RootfsStep {}

  record WriteSysctl(String pointer, String name, String value) implements RootfsStep {}

  record ReadonlyPath(String pointer, String path) implements RootfsStep {}

  record MaskPath(String pointer, String path, @Nullable String label) implements RootfsStep {}
}

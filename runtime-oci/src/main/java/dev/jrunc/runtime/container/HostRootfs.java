package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.Plan;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.runtime.plan.Step;
import dev.jrunc.runtime.rootfs.RootMount;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.trace.Narration;
import dev.jrunc.runtime.trace.Phase;
import org.jspecify.annotations.Nullable;

/**
 * The rootfs of a container without a mount namespace, bound on itself among the caller's mounts.
 * All mounts of the config lie below it, so that to detach it takes them along. Which mount it is
 * stands in the container's folder from before it can be seen: {@code delete} finds it also where
 * {@code create} was killed, and never takes a mount of somebody else's for it.
 */
final class HostRootfs {
  private static final String FILE = "rootfs-mount";
  private static final int DETACH = 2;
  private static final int LONGEST = 8192;

  private final Linux linux;
  private final ContainerStore store;
  private final ContainerId id;

  HostRootfs(Linux linux, ContainerStore store, ContainerId id) {
    this.linux = linux;
    this.store = store;
    this.id = id;
  }

  /** A handle on its root; null where the plan makes the rootfs a mount in a namespace. */
  @Nullable Descriptor bind(Plan plan, Descriptor folder, Unwinding unwinding) {
    for (Step step : plan.steps()) {
      if (step instanceof RootfsStep.TakeRootfs take) {
        Phase.begin("bind rootfs", take.pointer());
        return bind(take, folder, unwinding);
      }
    }
    return null;
  }

  private Descriptor bind(RootfsStep.TakeRootfs step, Descriptor folder, Unwinding unwinding) {
    RootMount mount = RootMount.of(linux, step.pointer(), step.path());
    try {
      long mountId = linux.files().status(mount.tree()).mountId();
      String namespace = new MountNamespaces(linux).own();
      record(folder, mountId + "\n" + namespace + "\n" + step.path());
      unwinding.add(this::detach);
      mount.attachPrivate();
      return mount.tree();
    } catch (SyscallFailed e) {
      mount.tree().close();
      throw Failure.system("cannot bind rootfs \"" + step.path() + "\"", e);
    } finally {
      mount.close();
    }
  }

  private void record(Descriptor folder, String content) {
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.EXCL | OpenFlags.NOFOLLOW;
    try (Descriptor file = linux.files().open(folder, FILE, flags, 0600)) {
      linux.streams().write(file, content);
    }
  }

  /** Detaches it with all that is mounted below; nothing where there is none, or it is gone. */
  void detach() {
    String record = read();
    int first = record.indexOf('\n');
    int second = record.indexOf('\n', first + 1);
    if (second < 0) {
      return;
    }
    String mountId = record.substring(0, first);
    String namespace = record.substring(first + 1, second);
    String path = record.substring(second + 1);
    MountNamespaces namespaces = new MountNamespaces(linux);
    if (namespace.equals(namespaces.own())) {
      Phase.begin("detach rootfs");
      check(path, detachHere(mountId, path), "");
      return;
    }
    Phase.begin("detach rootfs in the mount namespace of create");
    int process = namespaces.processIn(namespace);
    if (process == 0) {
      // With the last process a mount namespace goes, unless somebody has bound it to a file.
      Narration.warn(
          "container "
              + id
              + " was created in another mount namespace, in which no process is left that can be"
              + " seen here; its mount of \""
              + path
              + "\" has gone with it, unless a file holds it: nsenter --mount=FILE umount -l "
              + path);
      return;
    }
    long result = namespaces.in(process, () -> detachHere(mountId, path));
    check(path, result, "nsenter --mount --target " + process + " umount -l " + path);
  }

  // 0 too where it is gone, or another mount lies there.
  private long detachHere(String mountId, String path) {
    return mountId.equals(mountAt(path)) ? linux.mounts().unmountRaw(path, DETACH) : 0;
  }

  private static void check(String path, long result, String mend) {
    if (result < 0) {
      throw Failure.of(
              Failure.Code.SYSTEM,
              "cannot detach rootfs \""
                  + path
                  + "\""
                  + (mend.isEmpty() ? "" : ", which is mounted in another mount namespace")
                  + ": "
                  + Errno.message((int) -result))
          .path(path)
          .errno((int) -result)
          .hint(mend)
          .build();
    }
  }

  private String mountAt(String path) {
    FileStatus status = linux.files().statusOrNull(linux.currentDirectory(), path, 0);
    return status == null ? "" : Long.toString(status.mountId());
  }

  private String read() {
    String path = store.root() + "/" + id + "/" + FILE;
    int flags = OpenFlags.RDONLY | OpenFlags.NOFOLLOW;
    long opened = linux.files().openRaw(linux.currentDirectory(), path, flags, 0);
    if (opened < 0) {
      return "";
    }
    try (Descriptor file = new Descriptor(linux.gate(), (int) opened)) {
      return Utf8.decode(linux.streams().readAll(file, LONGEST));
    }
  }
}

package dev.jrunc.runtime.rootfs;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.DeviceNumber;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.spec.ContainerPath;
import dev.jrunc.spec.Device;
import org.jspecify.annotations.Nullable;

/**
 * Device nodes and links. The folder is resolved inside the root once and worked on by its handle:
 * an image's /dev may be a link (CVE-2026-41579).
 */
final class DeviceNodes implements AutoCloseable {
  private final Linux linux;
  private final RootHandle root;
  private String folderPath = "";
  private @Nullable Descriptor folder;

  DeviceNodes(Linux linux, RootHandle root) {
    this.linux = linux;
    this.root = root;
  }

  void make(RootfsStep.MakeDevice step) {
    Device device = step.device();
    String path = ContainerPath.clean(device.path());
    String name = path.substring(path.lastIndexOf('/') + 1);
    try {
      Descriptor parent = folderOf(path);
      int mode = device.fileMode() == null ? 0666 : device.fileMode() & 07777;
      DeviceNumber number = new DeviceNumber((int) device.major(), (int) device.minor());
      // Not chmod(2) afterwards: in a shared folder the name may be a link by then.
      int mask = linux.processes().setFileModeMask(0);
      long made = linux.files().mknodRaw(parent, name, type(device) | mode, number);
      linux.processes().setFileModeMask(mask);
      if (made == -Errno.EPERM) {
        // mknod(2) asks for CAP_MKNOD over the host; a user namespace never has it.
        bindFromHost(step, path);
      } else if (made == -Errno.EEXIST) {
        checkSame(step, parent, name, number);
      } else if (made < 0) {
        throw failed(step, (int) -made, "");
      } else {
        own(parent, name, device);
      }
    } catch (SyscallFailed e) {
      throw failed(step, e.errno(), "");
    }
  }

  void link(RootfsStep.MakeLink step) {
    String name = step.path().substring(step.path().lastIndexOf('/') + 1);
    try {
      Descriptor parent = folderOf(step.path());
      long made = linux.files().symlinkRaw(step.target(), parent, name);
      if (made == -Errno.EEXIST && step.existing() == RootfsStep.MakeLink.Existing.REPLACE) {
        linux.files().unlink(parent, name, 0);
        made = linux.files().symlinkRaw(step.target(), parent, name);
      }
      if (made < 0 && made != -Errno.EEXIST) {
        throw failed(step, (int) -made);
      }
    } catch (SyscallFailed e) {
      throw failed(step, e.errno());
    }
  }

  @Override
  public void close() {
    if (folder != null) {
      folder.close();
      folder = null;
    }
    folderPath = "";
  }

  private Descriptor folderOf(String path) {
    int slash = path.lastIndexOf('/');
    String wanted = slash <= 0 ? "/" : path.substring(0, slash);
    if (folder == null || !folderPath.equals(wanted)) {
      close();
      folder = root.directory(wanted);
      folderPath = wanted;
    }
    return folder;
  }

  private void own(Descriptor parent, String name, Device device) {
    long uid = device.uid() == null ? 0 : device.uid();
    long gid = device.gid() == null ? 0 : device.gid();
    if (uid != 0 || gid != 0) {
      linux.files().chown(parent, name, uid, gid, FileCalls.NOFOLLOW);
    }
  }

  private void checkSame(
      RootfsStep.MakeDevice step, Descriptor parent, String name, DeviceNumber number) {
    FileStatus status = linux.files().status(parent, name, FileCalls.NOFOLLOW);
    boolean fifo = type(step.device()) == FileMode.FIFO;
    if (!status.is(type(step.device())) || (!fifo && !status.device().equals(number))) {
      throw failed(step, Errno.EEXIST, "another file has this name");
    }
  }

  // The host's node keeps its owner and mode: it is the host's.
  private void bindFromHost(RootfsStep.MakeDevice step, String path) {
    long source = linux.mounts().cloneTreeRaw(linux.currentDirectory(), step.device().path(), 0);
    if (source < 0) {
      throw failed(step, (int) -source, "binding the host's device");
    }
    try (Descriptor mount = new Descriptor(linux.gate(), (int) source);
        Descriptor target = root.file(path)) {
      FileStatus status = linux.files().status(mount);
      if (!status.is(type(step.device()))
          || status.device().major() != step.device().major()
          || status.device().minor() != step.device().minor()) {
        throw failed(step, Errno.EPERM, "the host's device has another number");
      }
      linux.mounts().attach(mount, target);
    }
  }

  private static int type(Device device) {
    return switch (device.type()) {
      case "b" -> FileMode.BLOCK_DEVICE;
      case "p" -> FileMode.FIFO;
      default -> FileMode.CHARACTER_DEVICE;
    };
  }

  private static Failure failed(RootfsStep.MakeLink step, int errno) {
    return Failure.of(
            Failure.Code.SYSTEM,
            "error creating link \"" + step.path() + "\": " + Errno.message(errno))
        .phase("make link")
        .path(step.path())
        .errno(errno)
        .build();
  }

  private static Failure failed(RootfsStep.MakeDevice step, int errno, String detail) {
    return Failure.of(
            Failure.Code.SYSTEM,
            "error creating device node \""
                + step.device().path()
                + "\": "
                + (detail.isEmpty() ? "" : detail + ": ")
                + Errno.message(errno))
        .phase("make device")
        .pointer(step.pointer())
        .path(step.device().path())
        .errno(errno)
        .build();
  }
}

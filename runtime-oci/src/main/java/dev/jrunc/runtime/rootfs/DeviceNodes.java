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

/**
 * Device nodes and links. The folder is opened inside the root once, and worked on by its handle.
 */
final class DeviceNodes {
  private final Linux linux;
  private final RootHandle root;

  DeviceNodes(Linux linux, RootHandle root) {
    this.linux = linux;
    this.root = root;
  }

  void make(RootfsStep.MakeDevice step) {
    Device device = step.device();
    String path = ContainerPath.clean(device.path());
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    try (Descriptor folder = root.directory(slash <= 0 ? "/" : path.substring(0, slash), 0755)) {
      int mode = device.fileMode() == null ? 0666 : device.fileMode() & 07777;
      DeviceNumber number = new DeviceNumber((int) device.major(), (int) device.minor());
      long made = linux.files().mknodRaw(folder, name, type(device) | mode, number);
      if (made == -Errno.EPERM) {
        // mknod(2) asks for CAP_MKNOD over the host; a user namespace never has it.
        bindFromHost(step, path);
        return;
      }
      if (made == -Errno.EEXIST) {
        checkSame(step, folder, name, number);
        return;
      }
      if (made < 0) {
        throw failed(step, (int) -made, "");
      }
      own(folder, name, device, mode);
    } catch (SyscallFailed e) {
      throw failed(step, e.errno(), "");
    }
  }

  void link(RootfsStep.MakeLink step) {
    int slash = step.path().lastIndexOf('/');
    String name = step.path().substring(slash + 1);
    String parent = slash <= 0 ? "/" : step.path().substring(0, slash);
    try (Descriptor folder = root.directory(parent, 0755)) {
      long made = linux.files().symlinkRaw(step.target(), folder, name);
      // A devpts without newinstance, or an image, may have put something there: it stays.
      if (made < 0 && made != -Errno.EEXIST) {
        throw Failure.of(
                Failure.Code.SYSTEM,
                "error creating link " + step.path() + ": " + Errno.message((int) -made))
            .phase("make link")
            .path(step.path())
            .errno((int) -made)
            .build();
      }
    }
  }

  // Not by the mode of mknod alone: the file mode mask of the caller takes bits away.
  private void own(Descriptor folder, String name, Device device, int mode) {
    linux.files().chmod(folder, name, mode);
    long uid = device.uid() == null ? 0 : device.uid();
    long gid = device.gid() == null ? 0 : device.gid();
    if (uid != 0 || gid != 0) {
      linux.files().chown(folder, name, uid, gid, FileCalls.NOFOLLOW);
    }
  }

  private void checkSame(
      RootfsStep.MakeDevice step, Descriptor folder, String name, DeviceNumber number) {
    FileStatus status = linux.files().status(folder, name, FileCalls.NOFOLLOW);
    if (!status.is(type(step.device())) || !status.device().equals(number)) {
      throw failed(step, Errno.EEXIST, "another file has this name");
    }
  }

  private void bindFromHost(RootfsStep.MakeDevice step, String path) {
    long source = linux.mounts().cloneTreeRaw(linux.currentDirectory(), step.device().path(), 0);
    if (source < 0) {
      throw failed(step, (int) -source, "binding the host's device");
    }
    try (Descriptor mount = new Descriptor(linux.gate(), (int) source);
        Descriptor target = root.file(path)) {
      FileStatus status = linux.files().status(mount);
      if (status.device().major() != step.device().major()
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

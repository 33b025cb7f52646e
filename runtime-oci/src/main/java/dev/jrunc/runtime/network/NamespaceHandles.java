package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import org.jspecify.annotations.Nullable;

/**
 * What a program needs to work in a container's network: handles on the network namespace and on
 * the user namespace that owns it.
 *
 * @param users null where the network belongs to the caller's own user namespace
 */
record NamespaceHandles(Descriptor network, @Nullable Descriptor users) implements AutoCloseable {
  // ioctl_ns(2)
  private static final int NS_GET_USERNS = 0xb701;

  /** Asks the network namespace for its owner; {@code network} stays the caller's to close. */
  static NamespaceHandles of(Linux linux, Descriptor network) {
    long result = linux.streams().ioctlRaw(network, NS_GET_USERNS, 0);
    if (result < 0) {
      throw new SyscallFailed(SystemCall.IOCTL, "NS_GET_USERNS", (int) -result);
    }
    Descriptor users = new Descriptor(linux.gate(), (int) result);
    if (isOwn(linux, users)) {
      users.close();
      return new NamespaceHandles(network, null);
    }
    return new NamespaceHandles(network, users);
  }

  private static boolean isOwn(Linux linux, Descriptor users) {
    try (Descriptor own =
        linux.files().open(linux.currentDirectory(), "/proc/self/ns/user", OpenFlags.RDONLY, 0)) {
      return linux.files().status(own).sameFileAs(linux.files().status(users));
    }
  }

  @Override
  public void close() {
    if (users != null) {
      users.close();
    }
  }
}

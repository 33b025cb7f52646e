package dev.jrunc.runtime.seal;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.FileSystemStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.List;
import org.teavm.interop.Address;

/**
 * Starts this program again from a file that nobody can write to, unless it already runs from one.
 *
 * <p>Whether it does is asked of the kernel about {@code /proc/self/exe} and nothing else: no
 * argument and no variable can say so. The mark in the environment only ends a loop with an error,
 * should the kernel start the new file and yet not call it sealed.
 */
public final class BinarySeal {
  private static final String SELF = "/proc/self/exe";
  private static final String MARK = "_JRUNC_SEALED=1";

  private static final int SET_NAME = 15;
  private static final int MFD_ALLOW_SEALING = 2;

  /** Since Linux 6.3, where sysctl vm.memfd_noexec may take the right to execute away. */
  private static final int MFD_EXEC = 0x10;

  private static final int ADD_SEALS = 1033;
  private static final int GET_SEALS = 1034;

  /** F_SEAL_SEAL, SHRINK, GROW and WRITE. */
  private static final int ALL_SEALS = 1 | 2 | 4 | 8;

  /** F_SEAL_EXEC, since Linux 6.3. */
  private static final int SEAL_EXEC = 0x20;

  private final Linux linux;
  private final List<String> arguments;
  private final List<String> environment;

  private BinarySeal(Linux linux, List<String> arguments, List<String> environment) {
    this.linux = linux;
    this.arguments = arguments;
    this.environment = environment;
  }

  /**
   * Comes back only where the program is sealed; else it starts anew with the same arguments.
   *
   * @param arguments all of them, the program's own name first
   */
  public static void ensure(
      Linux linux, List<String> arguments, List<String> environment, SealMethod method) {
    // Does nothing without arguments. It keeps the method in the executable, for main() to call.
    EarlySeal.seal(0, Address.fromLong(0));
    long opened = linux.files().openRaw(linux.currentDirectory(), SELF, OpenFlags.RDONLY, 0);
    if (opened < 0) {
      throw failed("cannot open " + SELF, (int) -opened);
    }
    try (Descriptor self = new Descriptor(linux.gate(), (int) opened)) {
      if (isSealed(linux, self)) {
        nameProcess(linux);
        return;
      }
      if (environment.contains(MARK)) {
        throw failed("the sealed copy of this program is not sealed", Errno.EINVAL);
      }
      List<String> marked = new ArrayList<>(environment);
      marked.add(MARK);
      BinarySeal seal = new BinarySeal(linux, arguments, marked);
      if (method == SealMethod.MOUNT) {
        seal.startFromMount(self);
      }
      seal.startFromCopy(self);
    }
  }

  /** Started from a descriptor, a process is called by its number; ps(1) should show a name. */
  private static void nameProcess(Linux linux) {
    try (Memory memory = Memory.scope(linux.gate())) {
      linux.processes().controlRaw(SET_NAME, memory.string("jrunc"), 0, 0, 0);
    }
  }

  /** On a read-only mount, or a memory file that can no longer change. */
  static boolean isSealed(Linux linux, Descriptor program) {
    if ((linux.files().fileSystem(program).flags() & FileSystemStatus.READ_ONLY) != 0) {
      return true;
    }
    try {
      long seals = linux.streams().control(program, GET_SEALS, 0);
      return (seals & ALL_SEALS) == ALL_SEALS;
    } catch (SyscallFailed noMemoryFile) {
      return false;
    }
  }

  /**
   * A detached mount is in no namespace, so nobody can remount it writable. It lives as long as the
   * process that was started from it. Comes back where it cannot be made: without CAP_SYS_ADMIN.
   */
  private void startFromMount(Descriptor self) {
    long cloned = linux.mounts().cloneTreeRaw(self, "", FileCalls.EMPTY_PATH);
    if (cloned < 0) {
      return;
    }
    try (Descriptor mount = new Descriptor(linux.gate(), (int) cloned)) {
      long attributes = MountAttribute.READ_ONLY | MountAttribute.NO_SUID | MountAttribute.NO_DEV;
      linux.mounts().setAttributes(mount, 0, attributes, 0, 0);
      start(mount);
    } catch (SyscallFailed notReadOnly) {
      // The copy remains.
    }
  }

  private void startFromCopy(Descriptor self) {
    try (Descriptor copy = memoryFile()) {
      long left = linux.files().status(self).size();
      while (left > 0) {
        long sent = linux.streams().sendFile(copy, self, left);
        if (sent == 0) {
          throw failed("cannot copy this program", Errno.EIO);
        }
        left -= sent;
      }
      try {
        linux.streams().control(copy, ADD_SEALS, ALL_SEALS | SEAL_EXEC);
      } catch (SyscallFailed older) {
        linux.streams().control(copy, ADD_SEALS, ALL_SEALS);
      }
      throw failed("cannot start the sealed copy", (int) -start(copy));
    } catch (SyscallFailed failed) {
      throw Failure.system("cannot seal this program", failed);
    }
  }

  private Descriptor memoryFile() {
    try {
      return linux.streams().memoryFile("jrunc", MFD_ALLOW_SEALING | MFD_EXEC);
    } catch (SyscallFailed older) {
      return linux.streams().memoryFile("jrunc", MFD_ALLOW_SEALING);
    }
  }

  private long start(Descriptor program) {
    return linux.processes().executeRaw(program, "", arguments, environment, FileCalls.EMPTY_PATH);
  }

  private static Failure failed(String what, int errno) {
    return Failure.of(Failure.Code.SYSTEM, what + ": " + Errno.message(errno))
        .phase("seal")
        .path(SELF)
        .errno(errno)
        .hint("mount /proc; a container must not be started from a program it could overwrite")
        .build();
  }
}

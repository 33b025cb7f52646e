package dev.jrunc.kernel;

import static dev.jrunc.kernel.SystemCall.*;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Processes: making, joining, waiting for, signalling and replacing them. */
public final class ProcessCalls extends Calls {
  public static final int SIGHUP = 1;
  public static final int SIGINT = 2;
  public static final int SIGQUIT = 3;
  public static final int SIGKILL = 9;
  public static final int SIGPIPE = 13;
  public static final int SIGTERM = 15;
  public static final int SIGCHLD = 17;

  /** WNOHANG of waitpid(2). */
  public static final int NO_HANG = 1;

  public static final int POLL_IN = 1;
  public static final int POLL_OUT = 4;

  /** In {@link #poll}, in place of events: leaves the descriptor out. */
  public static final int POLL_NOT = -1;

  private static final int LAST_SIGNAL = 64;
  private static final long PIDFD = 0x1000;
  private static final long INTO_CGROUP = 0x200000000L;

  ProcessCalls(Gate gate) {
    super(gate);
  }

  /**
   * What clone3(2) gave: in the child {@code pid} is 0, in the parent it is the child with its
   * pidfd.
   */
  public record Clone(int pid, @Nullable Descriptor pidfd) {
    public boolean inChild() {
      return pid == 0;
    }
  }

  /**
   * clone3(2) without a new stack: the child goes on in Java, in its own copy of this process's
   * memory. Only for the single-threaded native executable.
   *
   * @param flags of {@link CloneFlags}
   * @param cgroup a cgroup v2 directory the child starts in, or null
   */
  public Clone clone(long flags, @Nullable Descriptor cgroup) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block pidfd = memory.block(4);
      Memory.Block arguments = memory.block(88);
      arguments.putLong(0, flags | PIDFD | (cgroup == null ? 0 : INTO_CGROUP));
      arguments.putLong(8, pidfd.address());
      // With CLONE_PARENT the exit signal is the caller's own and must be 0 here.
      arguments.putLong(32, (flags & CloneFlags.PARENT) != 0 ? 0 : SIGCHLD);
      arguments.putLong(80, cgroup == null ? 0 : cgroup.number());
      long pid = raw(CLONE3, arguments.address(), arguments.size(), 0);
      check(CLONE3, pid, "");
      return new Clone((int) pid, pid == 0 ? null : new Descriptor(gate, pidfd.getInt(0)));
    }
  }

  public void unshare(long flags) {
    check(UNSHARE, raw(UNSHARE, flags, 0, 0), "");
  }

  /** setns(2): {@code flags} say which namespaces, all of them at once if it is a pidfd. */
  public void joinNamespace(Descriptor namespace, long flags) {
    check(SETNS, raw(SETNS, namespace.number(), flags, 0), namespace);
  }

  /** As {@link #joinNamespace}; the raw result. */
  public long joinNamespaceRaw(Descriptor namespace, long flags) {
    return raw(SETNS, namespace.number(), flags, 0);
  }

  /** pidfd_open(2). */
  public Descriptor openPid(int pid) {
    long result = raw(PIDFD_OPEN, pid, 0, 0);
    return new Descriptor(gate, (int) check(PIDFD_OPEN, result, "pid " + pid));
  }

  public @Nullable Descriptor openPidOrNull(int pid) {
    long result = raw(PIDFD_OPEN, pid, 0, 0);
    return result < 0 ? null : new Descriptor(gate, (int) result);
  }

  public long signalRaw(Descriptor pidfd, int signal) {
    return raw(PIDFD_SEND_SIGNAL, pidfd.number(), signal, 0, 0, 0, 0);
  }

  /** pidfd_getfd(2): a descriptor of ours for what {@code number} is to that process. */
  public long copyDescriptorRaw(Descriptor pidfd, int number) {
    return raw(PIDFD_GETFD, pidfd.number(), number, 0);
  }

  public long killRaw(int pid, int signal) {
    return raw(KILL, pid, signal, 0);
  }

  /**
   * wait4(2); null where {@link #NO_HANG} was given and nothing has ended, or no child is left.
   *
   * @param pid of the child, -1 for any
   */
  public @Nullable WaitStatus waitFor(int pid, int options) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block status = memory.block(4);
      long result;
      do {
        result = raw(WAIT4, pid, status.address(), options);
      } while (result == -Errno.EINTR);
      if (result == 0 || result == -Errno.ECHILD) {
        return null;
      }
      check(WAIT4, result, "pid " + pid);
      return new WaitStatus((int) result, status.getInt(0));
    }
  }

  /**
   * Waits for events on descriptors.
   *
   * @param events what to wait for on each, of {@link #POLL_IN} and so on, or {@link #POLL_NOT};
   *     hang-up always counts
   * @param timeoutMillis -1 for ever
   * @return what happened on each, all 0 if the time ran out
   */
  public int[] poll(List<Descriptor> descriptors, int[] events, int timeoutMillis) {
    try (Memory memory = Memory.scope(gate)) {
      int count = descriptors.size();
      Memory.Block entries = memory.block(8 * count);
      for (int i = 0; i < count; i++) {
        // poll(2) passes over negative numbers.
        int number = events[i] == POLL_NOT ? -1 : descriptors.get(i).number();
        entries.putInt(8 * i, number).putShort(8 * i + 4, events[i]);
      }
      Memory.Block timeout = memory.block(16);
      timeout.putLong(0, timeoutMillis / 1000).putLong(8, timeoutMillis % 1000 * 1_000_000L);
      long time = timeoutMillis < 0 ? 0 : timeout.address();
      long result = raw(PPOLL, entries.address(), count, time, 0, 8, 0);
      if (result != -Errno.EINTR) {
        check(PPOLL, result, "");
      }
      int[] happened = new int[count];
      for (int i = 0; i < count && result > 0; i++) {
        happened[i] = entries.getShort(8 * i + 6);
      }
      return happened;
    }
  }

  /** A descriptor from which the signals of {@code mask} are read; they are blocked first. */
  public Descriptor signalDescriptor(long mask) {
    blockSignals(mask);
    return openSignals(mask);
  }

  /** As {@link #signalDescriptor}, for signals that are blocked already. */
  public Descriptor openSignals(long mask) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block set = memory.block(8).putLong(0, mask);
      int flags = OpenFlags.CLOEXEC | OpenFlags.NONBLOCK;
      long result = raw(SIGNALFD4, -1, set.address(), 8, flags, 0, 0);
      return new Descriptor(gate, (int) check(SIGNALFD4, result, ""));
    }
  }

  /** Sets the mask of blocked signals: bit n-1 for signal n. */
  public void blockSignals(long mask) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block set = memory.block(8).putLong(0, mask);
      int setMask = 2;
      check(RT_SIGPROCMASK, raw(RT_SIGPROCMASK, setMask, set.address(), 0, 8, 0, 0), "");
    }
  }

  /** Blocks {@code more} beside those that are blocked: bit n-1 for signal n. The mask it was. */
  public long blockMoreSignals(long more) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block set = memory.block(8).putLong(0, more);
      Memory.Block old = memory.block(8);
      int block = 0;
      check(RT_SIGPROCMASK, raw(RT_SIGPROCMASK, block, set.address(), old.address(), 8, 0, 0), "");
      return old.getLong(0);
    }
  }

  /** Whether this process ignores a signal, as its caller may have made it do. */
  public boolean ignores(int signal) {
    try (Memory memory = Memory.scope(gate)) {
      // struct kernel_sigaction: the handler comes first, and SIG_IGN is 1.
      Memory.Block action = memory.block(32);
      raw(RT_SIGACTION, signal, 0, action.address(), 8, 0, 0);
      return action.getLong(0) == 1;
    }
  }

  /** Ignores a signal until {@link #resetSignals}, or for good. */
  public void ignore(int signal) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block action = memory.block(32).putLong(0, 1);
      raw(RT_SIGACTION, signal, action.address(), 0, 8, 0, 0);
    }
  }

  /**
   * Blocks no signal and gives each its default action, as a program expects it: both blocked and
   * ignored signals would outlive execve(2).
   */
  public void resetSignals() {
    try (Memory memory = Memory.scope(gate)) {
      // struct kernel_sigaction, all zero: the handler is SIG_DFL. SIGKILL and SIGSTOP are refused.
      Memory.Block action = memory.block(32);
      for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
        raw(RT_SIGACTION, signal, action.address(), 0, 8, 0, 0);
      }
    }
    blockSignals(0);
  }

  /** Gives SIGCHLD its default action: where it is ignored, wait4(2) finds no child that ended. */
  public void keepEndedChildren() {
    try (Memory memory = Memory.scope(gate)) {
      raw(RT_SIGACTION, SIGCHLD, memory.block(32).address(), 0, 8, 0, 0);
    }
  }

  /** execve(2) on a path from the current directory; returns on failure. */
  public long executeRaw(String path, List<String> arguments, List<String> environment) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(
          EXECVE,
          memory.string(path),
          memory.strings(arguments),
          memory.strings(environment),
          0,
          0,
          0);
    }
  }

  /** execveat(2) on a path or, with FileCalls.EMPTY_PATH, on the descriptor; returns on failure. */
  public long executeRaw(
      Descriptor directory,
      String path,
      List<String> arguments,
      List<String> environment,
      int flags) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(
          EXECVEAT,
          directory.number(),
          memory.string(path),
          memory.strings(arguments),
          memory.strings(environment),
          flags,
          0);
    }
  }

  /** Ends this process at once. */
  public void exit(int code) {
    raw(EXIT_GROUP, code, 0, 0);
    throw new IllegalStateException("exit_group returned");
  }

  public int pid() {
    return (int) raw(GETPID, 0, 0, 0);
  }

  public void newSession() {
    check(SETSID, raw(SETSID, 0, 0, 0), "");
  }

  public long newSessionRaw() {
    return raw(SETSID, 0, 0, 0);
  }

  /** prctl(2); the raw result. */
  public long controlRaw(int option, long a, long b, long c, long d) {
    return raw(PRCTL, option, a, b, c, d, 0);
  }

  /** prlimit64(2): sets soft and hard limit of {@code resource}, 64 bits unsigned each. */
  public long setLimitRaw(int pid, int resource, long soft, long hard) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block limit = memory.block(16).putLong(0, soft).putLong(8, hard);
      return raw(PRLIMIT64, pid, resource, limit.address(), 0, 0, 0);
    }
  }

  public void changeDirectory(Descriptor directory) {
    check(FCHDIR, raw(FCHDIR, directory.number(), 0, 0), directory);
  }

  public long changeDirectoryRaw(String path) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(CHDIR, memory.string(path), 0, 0);
    }
  }

  /** getcwd(2): begins with "(unreachable)" where the directory is outside the root. */
  public String currentDirectory() {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block path = memory.block(4096);
      long length = check(GETCWD, raw(GETCWD, path.address(), path.size(), 0), "");
      return Utf8.decode(path.getBytes(0, (int) length - 1));
    }
  }

  public int setFileModeMask(int mask) {
    return (int) raw(SystemCall.UMASK, mask, 0, 0);
  }

  public void setHostName(String name) {
    try (Memory memory = Memory.scope(gate)) {
      byte[] bytes = Utf8.encode(name);
      long result = raw(SETHOSTNAME, memory.bytes(bytes).address(), bytes.length, 0);
      check(SETHOSTNAME, result, "\"" + name + "\"");
    }
  }

  public void setDomainName(String name) {
    try (Memory memory = Memory.scope(gate)) {
      byte[] bytes = Utf8.encode(name);
      long result = raw(SETDOMAINNAME, memory.bytes(bytes).address(), bytes.length, 0);
      check(SETDOMAINNAME, result, "\"" + name + "\"");
    }
  }

  public long personalityRaw(long persona) {
    return raw(PERSONALITY, persona, 0, 0);
  }

  /** sched_setattr(2) with a filled struct sched_attr. */
  public long setSchedulerRaw(int pid, byte[] attributes) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(SCHED_SETATTR, pid, memory.bytes(attributes).address(), 0);
    }
  }

  /** sched_setaffinity(2): bit n of the mask, little endian bytes, is processor n. */
  public long setAffinityRaw(int pid, byte[] mask) {
    try (Memory memory = Memory.scope(gate)) {
      return raw(SCHED_SETAFFINITY, pid, mask.length, memory.bytes(mask).address());
    }
  }

  /** sched_getaffinity(2): the mask as {@link #setAffinityRaw} takes it. */
  public byte[] affinity(int pid, int size) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block block = memory.block(size);
      check(SCHED_GETAFFINITY, raw(SCHED_GETAFFINITY, pid, size, block.address()), "");
      byte[] mask = new byte[size];
      gate.read(block.address(), mask, 0, size);
      return mask;
    }
  }

  public long setIoPriorityRaw(int priority) {
    int whoProcess = 1;
    return raw(IOPRIO_SET, whoProcess, 0, priority);
  }

  /** set_mempolicy(2); {@code maximum} is the number of bits in {@code nodes}. */
  public long setMemoryPolicyRaw(int mode, byte[] nodes, long maximum) {
    try (Memory memory = Memory.scope(gate)) {
      long mask = nodes.length == 0 ? 0 : memory.bytes(nodes).address();
      return raw(SET_MEMPOLICY, mode, mask, maximum);
    }
  }

  /** keyctl(2) KEYCTL_SETPERM: who may do what with a keyring. */
  public long permitKeyringRaw(long keyring, int rights) {
    int setPermissions = 5;
    return raw(KEYCTL, setPermissions, keyring, rights);
  }

  /**
   * keyctl(2) KEYCTL_JOIN_SESSION_KEYRING: the session keyring named {@code name} that this process
   * may search, or else a new one. Its number.
   */
  public long joinSessionKeyringRaw(String name) {
    try (Memory memory = Memory.scope(gate)) {
      int joinSession = 1;
      return raw(KEYCTL, joinSession, memory.string(name), 0);
    }
  }

  /** seccomp(2) SECCOMP_SET_MODE_FILTER: loads {@code program}, 8 bytes an instruction. */
  public long loadFilterRaw(byte[] program, long flags) {
    try (Memory memory = Memory.scope(gate)) {
      // struct sock_fprog: unsigned short length, then after padding the address.
      Memory.Block header =
          memory
              .block(16)
              .putShort(0, program.length / 8)
              .putLong(8, memory.bytes(program).address());
      int setModeFilter = 1;
      return raw(SECCOMP, setModeFilter, flags, header.address());
    }
  }
}

package dev.jrunc.runtime.seal;

import org.teavm.interop.Address;
import org.teavm.interop.Import;
import org.teavm.interop.Unmanaged;
import org.teavm.interop.c.Include;
import org.teavm.interop.c.Variable;

/**
 * {@link BinarySeal#ensure} by mount, done before TeaVM has set up its heap, its classes and its
 * strings: {@code native/link} puts the call first into main(). The process that is thrown away
 * then costs 0.4 ms and not 1.5.
 *
 * <p>There is no object, no string and no array here: only {@code @Unmanaged} methods on memory of
 * C. Whatever does not work is left to {@link BinarySeal#ensure}, which has the last word.
 */
final class EarlySeal {
  // Text as C keeps it in memory, eight bytes to a number, the first byte lowest.
  private static final long PROC_SELF_0 = 0x65732f636f72702fL; // /proc/se
  private static final long PROC_SELF_1 = 0x6578652f666cL; // lf/exe
  private static final long CREATE = 0x657461657263L; // create
  private static final long RUN = 0x6e7572L; // run
  private static final long EXEC = 0x63657865L; // exec
  private static final long MARK_0 = 0x535f434e55524a5fL; // _JRUNC_S
  private static final long MARK_1 = 0x313d44454c4145L; // EALED=1
  private static final long COPY_0 = 0x45535f434e55524aL; // JRUNC_SE
  private static final long COPY_1 = 0x79706f633d4c41L; // AL=copy

  private static final long NULL_0 = 0x6c756e2f7665642fL; // /dev/nul
  private static final long NULL_1 = 0x6cL; // l

  private static final int GET_DESCRIPTOR_FLAGS = 1;
  private static final int READ_WRITE = 2;
  private static final int CURRENT_DIRECTORY = -100;
  private static final int TREE_CLONE_CLOEXEC = 1 | 02000000;
  private static final int EMPTY_PATH = 0x1000;
  private static final long READ_ONLY_NO_SUID_NO_DEV = 0x1 | 0x2 | 0x4;
  private static final int STATFS_FLAGS = 80;

  private EarlySeal() {}

  @Include("unistd.h")
  @Import(name = "syscall")
  private static native long syscall(long number, long a, long b, long c, long d, long e, long f);

  @Include("stdlib.h")
  @Import(name = "calloc")
  private static native Address calloc(long count, long size);

  @Include("unistd.h")
  @Variable
  @Import(name = "environ")
  private static native Address environment();

  @Include("sys/syscall.h")
  @Variable
  @Import(name = "SYS_fcntl")
  private static native int fcntlNumber();

  @Include("sys/syscall.h")
  @Variable
  @Import(name = "SYS_openat")
  private static native int openatNumber();

  @Include("sys/syscall.h")
  @Variable
  @Import(name = "SYS_statfs")
  private static native int statfsNumber();

  @Include("sys/syscall.h")
  @Variable
  @Import(name = "SYS_open_tree")
  private static native int openTreeNumber();

  @Include("sys/syscall.h")
  @Variable
  @Import(name = "SYS_mount_setattr")
  private static native int mountSetattrNumber();

  @Include("sys/syscall.h")
  @Variable
  @Import(name = "SYS_execveat")
  private static native int execveatNumber();

  /** Called by main() with its own arguments; comes back where there is nothing it can do. */
  @Unmanaged
  static void seal(int count, Address arguments) {
    fillStreams();
    if (!startsContainer(count, arguments)) {
      return;
    }
    Address variables = environment();
    int length = 0;
    while (variables.add(8L * length).getLong() != 0) {
      Address variable = variables.add(8L * length).getAddress();
      // Been here before, or asked for the copy: both are BinarySeal's business.
      if (is(variable, MARK_0, MARK_1) || is(variable, COPY_0, COPY_1)) {
        return;
      }
      length++;
    }
    Address memory = calloc(1, 256);
    Address path = memory;
    path.putLong(PROC_SELF_0);
    path.add(8).putLong(PROC_SELF_1);
    Address empty = memory.add(24);
    Address buffer = memory.add(64);
    long result = syscall(statfsNumber(), path.toLong(), buffer.toLong(), 0, 0, 0, 0);
    if (result < 0 || (buffer.add(STATFS_FLAGS).getLong() & 1) != 0) {
      return;
    }
    long tree =
        syscall(openTreeNumber(), CURRENT_DIRECTORY, path.toLong(), TREE_CLONE_CLOEXEC, 0, 0, 0);
    if (tree < 0) {
      return;
    }
    // struct mount_attr: set, clear, propagation, user namespace. Close-on-exec closes the tree.
    Address attributes = memory.add(32);
    attributes.putLong(READ_ONLY_NO_SUID_NO_DEV);
    result =
        syscall(mountSetattrNumber(), tree, empty.toLong(), EMPTY_PATH, attributes.toLong(), 32, 0);
    if (result < 0) {
      return;
    }
    Address marked = withMark(variables, length);
    syscall(
        execveatNumber(), tree, empty.toLong(), arguments.toLong(), marked.toLong(), EMPTY_PATH, 0);
  }

  /**
   * Opens /dev/null for each standard stream that is closed. What is opened next would take its
   * number, and the container's program would have a file of ours for a stream, perhaps own it.
   */
  @Unmanaged
  private static void fillStreams() {
    for (int stream = 0; stream <= 2; stream++) {
      if (syscall(fcntlNumber(), stream, GET_DESCRIPTOR_FLAGS, 0, 0, 0, 0) < 0) {
        Address path = calloc(1, 16);
        path.putLong(NULL_0);
        path.add(8).putLong(NULL_1);
        // The lowest number that is free, which is this one. Main refuses to go on without it.
        syscall(openatNumber(), CURRENT_DIRECTORY, path.toLong(), READ_WRITE, 0, 0, 0);
      }
    }
  }

  /** Any argument will do: to seal once too often costs little and harms nothing. */
  @Unmanaged
  private static boolean startsContainer(int count, Address arguments) {
    for (int i = 1; i < count; i++) {
      Address argument = arguments.add(8L * i).getAddress();
      if (is(argument, CREATE, 0) || is(argument, RUN, 0) || is(argument, EXEC, 0)) {
        return true;
      }
    }
    return false;
  }

  @Unmanaged
  private static Address withMark(Address variables, int length) {
    Address marked = calloc(length + 2L, 8);
    for (int i = 0; i < length; i++) {
      marked.add(8L * i).putLong(variables.add(8L * i).getLong());
    }
    Address mark = calloc(1, 16);
    mark.putLong(MARK_0);
    mark.add(8).putLong(MARK_1);
    marked.add(8L * length).putLong(mark.toLong());
    return marked;
  }

  /** Compares with a text of at most 15 characters, reading no further than its end. */
  @Unmanaged
  private static boolean is(Address text, long first, long second) {
    for (int i = 0; i < 16; i++) {
      long word = i < 8 ? first : second;
      int expected = (int) (word >>> (8 * (i & 7))) & 0xff;
      if ((text.add(i).getByte() & 0xff) != expected) {
        return false;
      }
      if (expected == 0) {
        return true;
      }
    }
    return false;
  }
}

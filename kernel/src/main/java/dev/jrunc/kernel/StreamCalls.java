package dev.jrunc.kernel;

import static dev.jrunc.kernel.SystemCall.*;

import java.util.Arrays;

/** Reading and writing open descriptors. Interrupted calls are made again. */
public final class StreamCalls extends Calls {
  /** LOCK_EX of flock(2): one holder, others wait. */
  public static final int LOCK_EXCLUSIVE = 2;

  /** LOCK_EX with LOCK_NB: EAGAIN where another holds it. */
  public static final int LOCK_NOW = 2 | 4;

  StreamCalls(Gate gate) {
    super(gate);
  }

  /** Reads once into {@code target}; 0 at the end. */
  public int read(Descriptor from, byte[] target) {
    return (int) check(READ, readRaw(from, target), from);
  }

  public long readRaw(Descriptor from, byte[] target) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block block = memory.block(target.length);
      long result;
      do {
        result = raw(READ, from.number(), block.address(), block.size());
      } while (result == -Errno.EINTR);
      if (result > 0) {
        gate.read(block.address(), target, 0, (int) result);
      }
      return result;
    }
  }

  /** All that is left to read; {@code limit} in bytes, more than that is refused with EFBIG. */
  public byte[] readAll(Descriptor from, int limit) {
    byte[] content = new byte[Math.min(limit, 4096)];
    int length = 0;
    byte[] piece = new byte[4096];
    for (int got; (got = read(from, piece)) > 0; length += got) {
      if (got > limit - length) {
        throw new SyscallFailed(READ, from.toString(), Errno.EFBIG);
      }
      if (length + got > content.length) {
        content = Arrays.copyOf(content, (int) Math.min(limit, 2L * (length + got)));
      }
      System.arraycopy(piece, 0, content, length, got);
    }
    return length == content.length ? content : Arrays.copyOf(content, length);
  }

  /** Writes all of {@code content}. */
  public void write(Descriptor to, byte[] content) {
    check(WRITE, writeRaw(to, content, content.length), to);
  }

  public void write(Descriptor to, String text) {
    write(to, Utf8.encode(text));
  }

  /**
   * Writes the first {@code length} bytes; the raw result of the call that failed, else 0. Waits
   * where the descriptor is a non-blocking one: standard output may be, as its maker left it.
   */
  public long writeRaw(Descriptor to, byte[] content, int length) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block block = memory.block(length);
      gate.write(block.address(), content, 0, length);
      return writeRaw(to, block, length);
    }
  }

  /** As above from {@code block}, for who writes much and keeps one block for it. */
  public long writeRaw(Descriptor to, Memory.Block block, int length) {
    int done = 0;
    while (done < length) {
      long result = raw(WRITE, to.number(), block.address() + done, length - done);
      if (result == -Errno.EAGAIN) {
        awaitRoom(to);
      } else if (result < 0 && result != -Errno.EINTR) {
        return result;
      }
      done += (int) Math.max(result, 0);
    }
    return 0;
  }

  private void awaitRoom(Descriptor to) {
    try (Memory memory = Memory.scope(gate)) {
      // struct pollfd; without an end of the time.
      Memory.Block entry = memory.block(8).putInt(0, to.number());
      entry.putShort(4, ProcessCalls.POLL_OUT);
      raw(PPOLL, entry.address(), 1, 0, 0, 8, 0);
    }
  }

  /** Writes what there is room for: how many bytes, or the raw result of the call that failed. */
  public long writeSomeRaw(Descriptor to, Memory.Block block, int from, int length) {
    return raw(WRITE, to.number(), block.address() + from, length);
  }

  /** Reads once into {@code block}; the raw result. */
  public long readRaw(Descriptor from, Memory.Block block) {
    return raw(READ, from.number(), block.address(), block.size());
  }

  /**
   * Lets reads and writes fail with EAGAIN where they would wait, for all who share the opening.
   */
  public void stopBlocking(Descriptor file) {
    int getFlags = 3;
    int setFlags = 4;
    control(file, setFlags, control(file, getFlags, 0) | OpenFlags.NONBLOCK);
  }

  /**
   * One write(2), whole or not at all: files of procfs, sysfs and cgroupfs take a value in one
   * call.
   */
  public long writeOnceRaw(Descriptor to, String value) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block block = memory.bytes(Utf8.encode(value));
      long result;
      do {
        result = raw(WRITE, to.number(), block.address(), block.size());
      } while (result == -Errno.EINTR);
      return result;
    }
  }

  public void truncate(Descriptor file, long size) {
    check(FTRUNCATE, raw(FTRUNCATE, file.number(), size, 0), file);
  }

  public long seek(Descriptor file, long offset, int whence) {
    return check(LSEEK, raw(LSEEK, file.number(), offset, whence), file);
  }

  /** Bytes that nobody can guess, see getrandom(2); at most 256, which come whole. */
  public byte[] random(int count) {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block block = memory.block(count);
      check(GETRANDOM, raw(GETRANDOM, block.address(), count, 0), "");
      return block.getBytes(0, count);
    }
  }

  /** flock(2); waits until the lock is ours. It goes with the last descriptor of this opening. */
  public void lock(Descriptor file, int operation) {
    long result;
    do {
      result = raw(FLOCK, file.number(), operation, 0);
    } while (result == -Errno.EINTR);
    check(FLOCK, result, file);
  }

  /** pipe2(2), close-on-exec: element 0 reads what is written to element 1. */
  public Descriptor[] pipe() {
    try (Memory memory = Memory.scope(gate)) {
      Memory.Block pair = memory.block(8);
      check(PIPE2, raw(PIPE2, pair.address(), OpenFlags.CLOEXEC, 0), "");
      return new Descriptor[] {
        new Descriptor(gate, pair.getInt(0)), new Descriptor(gate, pair.getInt(4))
      };
    }
  }

  /** eventfd2(2), close-on-exec: reading gives the count of events, 8 bytes, and resets it. */
  public Descriptor eventCounter() {
    long result = raw(EVENTFD2, 0, OpenFlags.CLOEXEC, 0);
    return new Descriptor(gate, (int) check(EVENTFD2, result, ""));
  }

  /** An anonymous file, see memfd_create(2); MFD_CLOEXEC is added to {@code flags}. */
  public Descriptor memoryFile(String name, int flags) {
    try (Memory memory = Memory.scope(gate)) {
      long result = raw(MEMFD_CREATE, memory.string(name), flags | 1, 0);
      return new Descriptor(gate, (int) check(MEMFD_CREATE, result, name));
    }
  }

  /** Copies within the kernel; returns the bytes copied, 0 at the end of {@code from}. */
  public long sendFile(Descriptor to, Descriptor from, long count) {
    long result = raw(SENDFILE, to.number(), from.number(), 0, count, 0, 0);
    return check(SENDFILE, result, from);
  }

  /** fcntl(2) with a plain number as argument. */
  public long control(Descriptor file, int command, long argument) {
    return check(FCNTL, raw(FCNTL, file.number(), command, argument), file);
  }

  /** A second descriptor of the same open file, close-on-exec, not below {@code lowest}. */
  public Descriptor duplicate(Descriptor file, int lowest) {
    int dupFdCloexec = 1030;
    return new Descriptor(gate, (int) control(file, dupFdCloexec, lowest));
  }

  /** dup3(2) onto a fixed number, open across execve(2): how standard streams are set. */
  public void duplicateOnto(Descriptor file, int number) {
    if (file.number() == number) {
      int setFdFlags = 2;
      control(file, setFdFlags, 0);
      return;
    }
    check(DUP3, raw(DUP3, file.number(), number, 0), file);
  }

  /** Marks all descriptors from {@code first} on close-on-exec, see close_range(2). */
  public void closeOnExecFrom(int first) {
    int closeRangeCloexec = 4;
    check(CLOSE_RANGE, raw(CLOSE_RANGE, first, 0xffffffffL, closeRangeCloexec), "fd " + first);
  }

  /** Closes the descriptors from {@code first} to {@code last}, both included. */
  public void closeRange(int first, int last) {
    check(CLOSE_RANGE, raw(CLOSE_RANGE, first, last, 0), "fd " + first);
  }

  /** ioctl(2) with a number or the address of a structure. */
  public long ioctlRaw(Descriptor file, long request, long argument) {
    return raw(IOCTL, file.number(), request, argument);
  }
}

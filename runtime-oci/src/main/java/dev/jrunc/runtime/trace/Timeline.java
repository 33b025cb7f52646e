package dev.jrunc.runtime.trace;

import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.kernel.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Phases with their times, in memory that a clone shares: what the container's process notes, the
 * creating process reads. It takes no descriptor and no system call that a filter could refuse, and
 * it is gone with the execve(2) of the program.
 */
final class Timeline {
  private static final int SIZE = 1 << 20;
  private static final int HEADER = 64;

  // start 8 | end 8 | track 4 | length 4 | name 56 | length 4 | pointer 172
  private static final int ENTRY = 256;
  private static final int NAME = 24;
  private static final int LONGEST_NAME = 56;
  private static final int POINTER = 84;
  private static final int LONGEST_POINTER = 172;

  /** One phase; {@code end} is 0 where it was not over when the process was. */
  record Event(Track track, String name, String pointer, long start, long end) {}

  private final Gate gate;
  private final long memory;
  private Track track = Track.COMMAND;
  private long toRealTime;

  Timeline(Linux linux) {
    this.gate = linux.gate();
    int readWrite = 3;
    int sharedAnonymous = 0x21;
    int number = SystemCall.MMAP.number(gate.architecture());
    long result = gate.call(number, 0, SIZE, readWrite, sharedAnonymous, -1, 0);
    if (result < 0 && result > -4096) {
      throw new SyscallFailed(SystemCall.MMAP, "the memory of a trace", (int) -result);
    }
    memory = result;
  }

  /** Who writes from here on. */
  Timeline by(Track writer) {
    track = writer;
    toRealTime = realTime() - System.nanoTime();
    return this;
  }

  // A time namespace shifts the clock that is cheap to read, and not this one.
  private long realTime() {
    try (Memory scope = Memory.scope(gate)) {
      Memory.Block time = scope.block(16);
      int realTime = 0;
      int number = SystemCall.CLOCK_GETTIME.number(gate.architecture());
      gate.call(number, realTime, time.address(), 0, 0, 0, 0);
      return time.getLong(0) * 1_000_000_000L + time.getLong(8);
    }
  }

  private long now() {
    return System.nanoTime() + toRealTime;
  }

  void begin(String name, String pointer) {
    long now = now();
    int count = gate.getInt(memory);
    end(now);
    if (HEADER + (count + 1) * ENTRY > SIZE) {
      return;
    }
    long entry = memory + HEADER + (long) count * ENTRY;
    gate.putLong(entry, now);
    gate.putLong(entry + 8, 0);
    gate.putInt(entry + 16, number(track));
    text(entry + NAME - 4, name, LONGEST_NAME);
    text(entry + POINTER - 4, pointer, LONGEST_POINTER);
    gate.putInt(memory, count + 1);
  }

  /** Ends the phase that is still open. */
  void end() {
    end(now());
  }

  private void end(long now) {
    int count = gate.getInt(memory);
    long last = memory + HEADER + (count - 1L) * ENTRY;
    if (count > 0 && gate.getLong(last + 8) == 0) {
      gate.putLong(last + 8, now);
    }
  }

  private static int number(Track track) {
    return switch (track) {
      case COMMAND -> 0;
      case STAGE -> 1;
      case CONTAINER -> 2;
    };
  }

  private void text(long at, String text, int longest) {
    byte[] bytes = Utf8.encode(text);
    int length = Math.min(bytes.length, longest);
    gate.putInt(at, length);
    gate.write(at + 4, bytes, 0, length);
  }

  List<Event> events() {
    List<Event> events = new ArrayList<>();
    int count = gate.getInt(memory);
    for (int i = 0; i < count; i++) {
      long entry = memory + HEADER + (long) i * ENTRY;
      int number = gate.getInt(entry + 16);
      Track writer = number == 0 ? Track.COMMAND : number == 1 ? Track.STAGE : Track.CONTAINER;
      events.add(
          new Event(
              writer,
              text(entry + NAME - 4),
              text(entry + POINTER - 4),
              gate.getLong(entry),
              gate.getLong(entry + 8)));
    }
    return events;
  }

  private String text(long at) {
    byte[] bytes = new byte[LONGEST_POINTER];
    int length = gate.getInt(at);
    gate.read(at + 4, bytes, 0, length);
    return Utf8.decode(Arrays.copyOf(bytes, length));
  }
}

package dev.jrunc.kernel.teavm;

import dev.jrunc.kernel.Utf8;
import java.util.ArrayList;
import java.util.List;
import org.teavm.interop.Address;
import org.teavm.interop.Import;
import org.teavm.interop.c.Include;
import org.teavm.interop.c.Variable;

/** What the C library knows of this process. */
public final class NativeProcess {
  private NativeProcess() {}

  @Include("unistd.h")
  @Variable
  @Import(name = "environ")
  private static native Address environ();

  @Include("signal.h")
  @Import(name = "signal")
  private static native Address signal(int number, Address handler);

  @Include("unistd.h")
  @Variable
  @Import(name = "_exit")
  private static native Address exitFunction();

  /**
   * Lets a signal end this process, also where it is the first of a pid namespace: the kernel keeps
   * from that one what it does not handle. Its exit code is then the number. Forgotten by
   * execve(2).
   */
  public static void endOn(int signal) {
    signal(signal, exitFunction());
  }

  /** The environment as NAME=VALUE, see environ(7); TeaVM's System.getenv is null. */
  public static List<String> environment() {
    List<String> entries = new ArrayList<>();
    Address slot = environ();
    while (slot.getAddress().toLong() != 0) {
      entries.add(text(slot.getAddress()));
      slot = slot.add(8);
    }
    return entries;
  }

  private static String text(Address start) {
    int length = 0;
    while (start.add(length).getByte() != 0) {
      length++;
    }
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = start.add(i).getByte();
    }
    return Utf8.decode(bytes);
  }
}

package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;

/** What the creating process and the container's process tell each other. The set is closed. */
public sealed interface Message {

  /** From a stage: write the id maps of the sender. Answered by {@link Go}. */
  record MapIds() implements Message {}

  /** From a stage: set the clocks of the time namespace it has made. Answered by {@link Go}. */
  record SetClocks() implements Message {}

  /** From a stage: this is the container's process, a child of the creating process. */
  record Started(int pid) implements Message {}

  /** From init: run prestart and createRuntime hooks now. Answered by {@link Go}. */
  record HooksPlease() implements Message {}

  /** From init: a handle on its network namespace comes with this message. */
  record Network() implements Message {}

  /** From init: the mounts are made, and the network is needed. Answered by {@link Go}. */
  record NetworkPlease() implements Message {}

  /** From init: its mount namespace comes with this message. */
  record MountsHere() implements Message {}

  /**
   * From init: the source of the bind mount at this pointer, which it may not open itself; its root
   * directory comes with this message. Answered by {@link Source}.
   */
  record SourcePlease(String pointer) implements Message {}

  /** From the creating process: the detached tree that was asked for comes with this message. */
  record Source() implements Message {}

  /** From init: the pseudo-terminal's master comes with this message. */
  record Console() implements Message {}

  /** From init: set my limits, save the state. Answered by {@link Go}. */
  record Ready() implements Message {}

  /**
   * From init: its filter is loaded, and this is its number for the listener. Answered by {@link
   * Go} once the creating process has one of its own.
   */
  record Listener(int number) implements Message {}

  /**
   * From init: its filter is loaded, and the listener comes with this message. Answered by {@link
   * Go}.
   */
  record ListenerHere() implements Message {}

  /** From init: waiting for start; nothing more follows but the end of the channel. */
  record Waiting() implements Message {}

  /** From the creating process: go on. */
  record Go() implements Message {}

  /** The other side has ended, or has replaced its program. Never sent. */
  record Ended() implements Message {}

  /** From stage or init: it failed, and the sender has ended. */
  record Failed(Failure failure) implements Message {}

  /** As it goes over the channel: a letter, then fields divided by NUL. */
  default byte[] encode() {
    String text =
        switch (this) {
          case MapIds m -> "M";
          case SetClocks c -> "T";
          case Started s -> "S" + s.pid();
          case HooksPlease h -> "H";
          case Network n -> "E";
          case NetworkPlease n -> "N";
          case MountsHere m -> "P";
          case SourcePlease s -> "O" + s.pointer();
          case Source s -> "D";
          case Console c -> "C";
          case Ready r -> "R";
          case Listener l -> "L" + l.number();
          case ListenerHere l -> "K";
          case Waiting w -> "W";
          case Go g -> "G";
          case Ended e -> throw new IllegalStateException("the end is not sent");
          case Failed f -> "F" + encode(f.failure());
        };
    return Utf8.encode(text);
  }

  private static String encode(Failure f) {
    return f.code().name()
        + "\0"
        + f.phase()
        + "\0"
        + f.pointer()
        + "\0"
        + f.path()
        + "\0"
        + f.errno()
        + "\0"
        + f.hint()
        + "\0"
        + f.getMessage();
  }

  /** The inverse of {@link #encode()}. */
  static Message decode(byte[] content) {
    String text = Utf8.decode(content);
    String rest = text.isEmpty() ? "" : text.substring(1);
    return switch (text.isEmpty() ? '?' : text.charAt(0)) {
      case 'M' -> new MapIds();
      case 'T' -> new SetClocks();
      case 'S' -> new Started(Integer.parseInt(rest));
      case 'H' -> new HooksPlease();
      case 'E' -> new Network();
      case 'N' -> new NetworkPlease();
      case 'P' -> new MountsHere();
      case 'O' -> new SourcePlease(rest);
      case 'D' -> new Source();
      case 'C' -> new Console();
      case 'R' -> new Ready();
      case 'L' -> new Listener(Integer.parseInt(rest));
      case 'K' -> new ListenerHere();
      case 'W' -> new Waiting();
      case 'G' -> new Go();
      case 'F' -> new Failed(decodeFailure(rest));
      default -> throw new IllegalStateException("not a message: " + text);
    };
  }

  private static Failure decodeFailure(String text) {
    String[] fields = new String[7];
    int from = 0;
    for (int i = 0; i < 6; i++) {
      int end = text.indexOf('\0', from);
      if (end < 0) {
        throw new IllegalStateException("not a failure: " + text);
      }
      fields[i] = text.substring(from, end);
      from = end + 1;
    }
    return Failure.of(Failure.Code.valueOf(fields[0]), text.substring(from))
        .phase(fields[1])
        .pointer(fields[2])
        .path(fields[3])
        .errno(Integer.parseInt(fields[4]))
        .hint(fields[5])
        .build();
  }
}

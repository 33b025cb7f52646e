package dev.jrunc.runtime.seccomp;

import dev.jrunc.kernel.Architecture;
import dev.jrunc.spec.Seccomp;
import dev.jrunc.spec.SeccompArgument;
import dev.jrunc.spec.SyscallRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A short name for all that a program is made from. The profile is written out in a compact form in
 * which every field has a place and every list its length, so that two profiles never look alike.
 */
final class ProfileKey {
  /** Raised when the compiler here begins to make other programs from the same profile. */
  private static final int GENERATION = 3;

  private byte[] bytes = new byte[16384];
  private int length;

  private ProfileKey() {}

  static String of(Seccomp profile, Architecture architecture, String libraryVersion) {
    ProfileKey key = new ProfileKey();
    key.number(GENERATION);
    key.text(libraryVersion);
    key.text(architecture.name());
    key.text(profile.defaultAction().wireName());
    key.optional(profile.defaultErrnoRet());
    key.texts(profile.architectures());
    key.number(profile.givenFlags() == null ? 0 : 1);
    key.texts(profile.flags());
    key.number(profile.syscalls().size());
    for (SyscallRule rule : profile.syscalls()) {
      key.texts(rule.names());
      key.text(rule.action().wireName());
      key.optional(rule.errnoRet());
      key.number(rule.args().size());
      for (SeccompArgument argument : rule.args()) {
        key.number(argument.index());
        key.number(argument.value());
        key.number(argument.valueTwo());
        key.text(argument.operator().wireName());
      }
    }
    return Sha256.hex(Sha256.of(key.bytes, key.length));
  }

  private void texts(List<String> texts) {
    number(texts.size());
    for (String text : texts) {
      text(text);
    }
  }

  // The length first, and a mark that is no character of its own before what is not ASCII: read
  // from the beginning, the bytes can mean one text only.
  private void text(String text) {
    int size = text.length();
    number(size);
    room(3 * size);
    for (int i = 0; i < size; i++) {
      char c = text.charAt(i);
      if (c > 127) {
        bytes[length++] = (byte) 0xff;
        bytes[length++] = (byte) (c >> 8);
      }
      bytes[length++] = (byte) c;
    }
  }

  private void optional(@Nullable Integer value) {
    number(value == null ? Long.MIN_VALUE : value);
  }

  private void number(long value) {
    room(8);
    for (int i = 0; i < 8; i++) {
      bytes[length++] = (byte) (value >> (8 * i));
    }
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      byte[] larger = new byte[2 * bytes.length + more];
      System.arraycopy(bytes, 0, larger, 0, length);
      bytes = larger;
    }
  }
}

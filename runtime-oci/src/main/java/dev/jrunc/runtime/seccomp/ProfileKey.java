package dev.jrunc.runtime.seccomp;

import dev.jrunc.kernel.Architecture;
import dev.jrunc.spec.Seccomp;
import dev.jrunc.spec.SeccompArgument;
import dev.jrunc.spec.SyscallRule;
import org.jspecify.annotations.Nullable;

/**
 * A short name for all that a program is made from. The profile is written out in a compact form in
 * which every field has a place and every list its length, so that two profiles never look alike.
 */
final class ProfileKey {
  /** Raised when the compiler here begins to make other programs from the same profile. */
  private static final int GENERATION = 2;

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

  private void texts(Iterable<String> texts) {
    int count = 0;
    for (String text : texts) {
      text(text);
      count++;
    }
    number(count);
  }

  private void text(String text) {
    int size = text.length();
    room(2 * size + 8);
    for (int i = 0; i < size; i++) {
      char c = text.charAt(i);
      bytes[length++] = (byte) c;
      if (c > 127) {
        bytes[length++] = (byte) (c >> 8);
      }
    }
    number(size);
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

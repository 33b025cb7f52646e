package dev.jrunc.runtime.seccomp;

/** Runs the part of classic BPF that seccomp filters use, as the kernel would. */
final class BpfInterpreter {
  private BpfInterpreter() {}

  /** What the filter returns for a call. */
  static int run(byte[] program, int architecture, int number, long... arguments) {
    int accumulator = 0;
    for (int at = 0; ; at++) {
      int base = 8 * at;
      int code = (program[base] & 0xff) | ((program[base + 1] & 0xff) << 8);
      int yes = program[base + 2] & 0xff;
      int no = program[base + 3] & 0xff;
      int constant = 0;
      for (int i = 0; i < 4; i++) {
        constant |= (program[base + 4 + i] & 0xff) << (8 * i);
      }
      switch (code) {
        case 0x20 -> accumulator = load(constant, architecture, number, arguments);
        case 0x54 -> accumulator &= constant;
        case 0x05 -> at += constant;
        case 0x15 -> at += accumulator == constant ? yes : no;
        case 0x25 -> at += Integer.compareUnsigned(accumulator, constant) > 0 ? yes : no;
        case 0x35 -> at += Integer.compareUnsigned(accumulator, constant) >= 0 ? yes : no;
        case 0x45 -> at += (accumulator & constant) != 0 ? yes : no;
        case 0x06 -> {
          return constant;
        }
        default -> throw new AssertionError("instruction " + code + " at " + at);
      }
    }
  }

  /** struct seccomp_data { int nr; u32 arch; u64 instruction_pointer; u64 args[6]; } */
  private static int load(int offset, int architecture, int number, long[] arguments) {
    return switch (offset) {
      case 0 -> number;
      case 4 -> architecture;
      default -> {
        int index = (offset - 16) / 8;
        long value = index < arguments.length ? arguments[index] : 0;
        yield (int) (offset % 8 == 0 ? value : value >>> 32);
      }
    };
  }
}

package dev.jrunc.runtime.cgroup;

/**
 * The eBPF program that answers for devices on cgroup v2: 1 allows the access, 0 forbids it. Same
 * meaning as the files of v1.
 *
 * <pre>
 * struct bpf_cgroup_dev_ctx { u32 access_type (access << 16 | type); u32 major; u32 minor; }
 * struct bpf_insn { u8 code; u8 src << 4 | dst; s16 offset; s32 immediate; }
 * </pre>
 */
final class DeviceProgram {
  private static final int LOAD_WORD = 0x61;
  private static final int AND = 0x54;
  private static final int SHIFT_RIGHT = 0x74;
  private static final int MOVE = 0xb4;
  private static final int MOVE_REGISTER = 0xbc;
  // JMP32 (Linux 5.1): with the 64-bit jumps a number above 2^31 would be sign-extended.
  private static final int JUMP_IF_NOT = 0x56;
  private static final int JUMP_IF_NOT_REGISTER = 0x5e;
  private static final int JUMP_IF = 0x16;
  private static final int EXIT = 0x95;

  private static final int BLOCK = 1;
  private static final int CHARACTER = 2;

  private byte[] code = new byte[8 * 64];
  private int length;

  private DeviceProgram() {}

  /** The program for {@code rules}, 8 bytes an instruction. */
  static byte[] of(DeviceRules rules) {
    DeviceProgram program = new DeviceProgram();
    program.add(LOAD_WORD, 2, 1, 0, 0);
    program.add(AND, 2, 0, 0, 0xffff);
    program.add(LOAD_WORD, 3, 1, 0, 0);
    program.add(SHIFT_RIGHT, 3, 0, 0, 16);
    program.add(LOAD_WORD, 4, 1, 4, 0);
    program.add(LOAD_WORD, 5, 1, 8, 0);
    for (DeviceRules.Exemption exemption : rules.exemptions()) {
      program.rule(exemption, rules.allowedByDefault());
    }
    program.answer(rules.allowedByDefault());
    byte[] exact = new byte[program.length];
    System.arraycopy(program.code, 0, exact, 0, program.length);
    return exact;
  }

  /** r2 type, r3 access asked for, r4 major, r5 minor; whatever differs jumps behind the answer. */
  private void rule(DeviceRules.Exemption rule, boolean allowedByDefault) {
    boolean someAccess = rule.access() != DeviceRules.ALL;
    boolean major = rule.major() != DeviceRules.ANY;
    boolean minor = rule.minor() != DeviceRules.ANY;
    int end = length / 8 + 1 + (someAccess ? 3 : 0) + (major ? 1 : 0) + (minor ? 1 : 0) + 2;
    jump(JUMP_IF_NOT, 2, 0, end, rule.type() == 'b' ? BLOCK : CHARACTER);
    if (someAccess) {
      add(MOVE_REGISTER, 1, 3, 0, 0);
      add(AND, 1, 0, 0, rule.access());
      if (allowedByDefault) {
        // Forbidden as soon as one of the accesses is.
        jump(JUMP_IF, 1, 0, end, 0);
      } else {
        // Allowed only when all of them are.
        jump(JUMP_IF_NOT_REGISTER, 1, 3, end, 0);
      }
    }
    if (major) {
      jump(JUMP_IF_NOT, 4, 0, end, (int) rule.major());
    }
    if (minor) {
      jump(JUMP_IF_NOT, 5, 0, end, (int) rule.minor());
    }
    answer(!allowedByDefault);
  }

  /** A jump counts from the instruction after it. */
  private void jump(int operation, int register, int other, int end, int immediate) {
    add(operation, register, other, end - length / 8 - 1, immediate);
  }

  private void answer(boolean allow) {
    add(MOVE, 0, 0, 0, allow ? 1 : 0);
    add(EXIT, 0, 0, 0, 0);
  }

  private void add(int operation, int target, int source, int offset, int immediate) {
    if (length == code.length) {
      byte[] larger = new byte[code.length * 2];
      System.arraycopy(code, 0, larger, 0, length);
      code = larger;
    }
    code[length] = (byte) operation;
    code[length + 1] = (byte) ((source << 4) | target);
    code[length + 2] = (byte) offset;
    code[length + 3] = (byte) (offset >> 8);
    for (int i = 0; i < 4; i++) {
      code[length + 4 + i] = (byte) (immediate >> (8 * i));
    }
    length += 8;
  }
}

package dev.jrunc.runtime.seccomp;

import dev.jrunc.kernel.Errno;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers ENOSYS to system calls that are newer than the profile. Programs try a new call and fall
 * back to an old one on ENOSYS, but give up on EPERM; so runc puts this before the filter, and a
 * profile written years ago keeps working.
 *
 * <p>For each architecture, in classic BPF:
 *
 * <pre>
 *   jeq arch, next instruction, next architecture
 *   ld  [number]
 *   jset x32 bit, 2 on, 1 on      only on x86_64
 *   jgt highest, ENOSYS, filter
 *   jgt highest of x32, ENOSYS, filter
 *   ja  filter
 *   ret ENOSYS
 * </pre>
 */
final class EnosysPrologue {
  private static final int LOAD = 0x20;
  private static final int JUMP = 0x05;
  private static final int JUMP_IF_EQUAL = 0x15;
  private static final int JUMP_IF_GREATER = 0x25;
  private static final int JUMP_IF_BITS = 0x45;
  private static final int RETURN = 0x06;

  private static final int X86_64 = 0xc000003e;
  private static final int X32_BIT = 0x40000000;
  private static final int RETURN_ENOSYS = 0x00050000 | Errno.ENOSYS;
  private static final int NUMBER_OFFSET = 0;
  private static final int ARCHITECTURE_OFFSET = 4;
  private static final int NONE = 0;

  /** Highest numbers of one architecture; {@code x32} only matters on x86_64. */
  private record Section(int architecture, int highest, int x32) {
    int length() {
      return architecture == X86_64 ? 7 : 5;
    }
  }

  private final List<Section> sections = new ArrayList<>();

  /** Everything above {@code highest} on {@code architecture} (AUDIT_ARCH_*) is unknown. */
  void add(int architecture, boolean x32, int highest) {
    Section section = new Section(architecture, x32 ? NONE : highest, x32 ? highest : NONE);
    for (int i = 0; i < sections.size(); i++) {
      Section other = sections.get(i);
      if (other.architecture == architecture) {
        section =
            new Section(
                architecture,
                Math.max(other.highest, section.highest),
                Math.max(other.x32, section.x32));
        sections.set(i, section);
        return;
      }
    }
    sections.add(section);
  }

  byte[] bytes() {
    if (sections.isEmpty()) {
      return new byte[0];
    }
    int total = 1;
    for (Section section : sections) {
      total += section.length();
    }
    byte[] code = new byte[8 * total];
    put(code, 0, LOAD, 0, 0, ARCHITECTURE_OFFSET);
    int at = 1;
    for (Section section : sections) {
      write(code, at, section, total);
      at += section.length();
    }
    return code;
  }

  private static void write(byte[] code, int start, Section section, int total) {
    int at = start;
    int refuse = start + section.length() - 1;
    int pass = refuse - 1;
    put(code, at, JUMP_IF_EQUAL, 0, section.length() - 1, section.architecture);
    put(code, ++at, LOAD, 0, 0, NUMBER_OFFSET);
    if (section.architecture == X86_64) {
      put(code, ++at, JUMP_IF_BITS, 1, 0, X32_BIT);
      limit(code, ++at, section.highest, refuse, pass);
      limit(code, ++at, section.x32, refuse, pass);
    } else {
      limit(code, ++at, section.highest, refuse, pass);
    }
    put(code, pass, JUMP, 0, 0, total - pass - 1);
    put(code, refuse, RETURN, 0, 0, RETURN_ENOSYS);
  }

  /** A mode of which the profile names no call is left to the filter. */
  private static void limit(byte[] code, int at, int highest, int refuse, int pass) {
    if (highest == NONE) {
      put(code, at, JUMP, 0, 0, pass - at - 1);
    } else {
      put(code, at, JUMP_IF_GREATER, refuse - at - 1, pass - at - 1, highest);
    }
  }

  /** struct sock_filter { u16 code; u8 if true; u8 if false; u32 constant; }, host's byte order. */
  private static void put(byte[] code, int index, int operation, int yes, int no, int constant) {
    int at = 8 * index;
    code[at] = (byte) operation;
    code[at + 2] = (byte) yes;
    code[at + 3] = (byte) no;
    for (int i = 0; i < 4; i++) {
      code[at + 4 + i] = (byte) (constant >> (8 * i));
    }
  }
}

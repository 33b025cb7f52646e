package dev.jrunc.kernel;

/** What every group of calls shares: the gate, the architecture and how a failure is raised. */
abstract class Calls {
  final Gate gate;
  private final Architecture architecture;

  Calls(Gate gate) {
    this.gate = gate;
    this.architecture = gate.architecture();
  }

  final Architecture architecture() {
    return architecture;
  }

  /** The raw result: negative is a negated errno. */
  final long raw(SystemCall call, long a, long b, long c, long d, long e, long f) {
    return gate.call(call.number(architecture), a, b, c, d, e, f);
  }

  final long raw(SystemCall call, long a, long b, long c) {
    return raw(call, a, b, c, 0, 0, 0);
  }

  /** The result, or {@link SyscallFailed} naming {@code subject}. */
  static long check(SystemCall call, long result, String subject) {
    if (result < 0) {
      throw new SyscallFailed(call, subject, (int) -result);
    }
    return result;
  }

  /** As {@link #check}, for calls on a descriptor whose number is all we know of it. */
  static long check(SystemCall call, long result, Descriptor subject) {
    if (result < 0) {
      throw new SyscallFailed(call, subject.toString(), (int) -result);
    }
    return result;
  }
}

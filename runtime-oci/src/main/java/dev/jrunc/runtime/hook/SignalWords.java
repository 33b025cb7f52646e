package dev.jrunc.runtime.hook;

/** How Go says which signal ended a program, which is how runc says it. */
final class SignalWords {
  private SignalWords() {}

  static String of(int signal) {
    return switch (signal) {
      case 1 -> "hangup";
      case 2 -> "interrupt";
      case 3 -> "quit";
      case 4 -> "illegal instruction";
      case 5 -> "trace/breakpoint trap";
      case 6 -> "aborted";
      case 7 -> "bus error";
      case 8 -> "floating point exception";
      case 9 -> "killed";
      case 11 -> "segmentation fault";
      case 13 -> "broken pipe";
      case 14 -> "alarm clock";
      case 15 -> "terminated";
      case 24 -> "CPU time limit exceeded";
      case 25 -> "file size limit exceeded";
      case 31 -> "bad system call";
      default -> "signal " + signal;
    };
  }
}

package dev.jrunc.runtime.seccomp;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Memory;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Seccomp;
import dev.jrunc.spec.SeccompAction;
import dev.jrunc.spec.SeccompArgument;
import dev.jrunc.spec.SeccompOperator;
import dev.jrunc.spec.SyscallRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Turns a profile into a program, in the way runc does. */
final class SeccompCompiler {
  private static final String POINTER = "/linux/seccomp";
  private static final String ARCHITECTURE_PREFIX = "SCMP_ARCH_";

  /** SCMP_FLTATR_CTL_OPTIMIZE; 2 stands for a binary tree. */
  private static final int ATTRIBUTE_OPTIMIZE = 8;

  /** Below this a tree costs more than it saves, and libseccomp 2.5.4 fails with an empty one. */
  private static final int TREE_FROM = 32;

  /** __NR_SCMP_ERROR: this libseccomp has never heard of the call. */
  private static final int UNKNOWN = -1;

  /** SCMP_ARCH_X32: x86_64 for the kernel, with a bit set in the number of the call. */
  private static final int X32 = 0x4000003e;

  private static final int X86_64 = 0xc000003e;

  /** BPF_MAXINSNS. */
  private static final int MOST_INSTRUCTIONS = 4096;

  private final Linux linux;
  private final Gate gate;
  private final FilterLibrary library;

  SeccompCompiler(Linux linux, FilterLibrary library) {
    this.linux = linux;
    this.gate = linux.gate();
    this.library = library;
  }

  String libraryVersion() {
    long version = library.seccomp_version();
    return gate.getInt(version) + "." + gate.getInt(version + 4) + "." + gate.getInt(version + 8);
  }

  SeccompProgram compile(Seccomp profile) {
    long flags = SeccompFlags.of(profile);
    refuseNotifyOnOurOwnCalls(profile);
    List<Integer> architectures = architectures(profile);
    int defaultAction = action(profile.defaultAction(), profile.defaultErrnoRet());
    long filter = library.seccomp_init(defaultAction);
    if (filter == 0) {
      throw failed("cannot create a filter", Errno.EINVAL, POINTER + "/defaultAction");
    }
    try {
      for (int i = 0; i < architectures.size(); i++) {
        int result = library.seccomp_arch_add(filter, architectures.get(i));
        if (result != 0 && result != -Errno.EEXIST) {
          throw failed(
              "cannot add architecture " + profile.architectures().get(i),
              -result,
              POINTER + "/architectures/" + i);
        }
      }
      if (countNames(profile) > TREE_FROM) {
        library.seccomp_attr_set(filter, ATTRIBUTE_OPTIMIZE, 2);
      }
      for (int i = 0; i < profile.syscalls().size(); i++) {
        addRule(filter, profile.syscalls().get(i), defaultAction, POINTER + "/syscalls/" + i);
      }
      byte[] prologue = prologue(profile, architectures);
      return new SeccompProgram(join(prologue, export(filter)), flags);
    } finally {
      library.seccomp_release(filter);
    }
  }

  private static int countNames(Seccomp profile) {
    int count = 0;
    for (SyscallRule rule : profile.syscalls()) {
      count += rule.names().size();
    }
    return count;
  }

  // The child still has to write to its parent after the filter is loaded, to say where the
  // listener is: it would wait for an agent that waits for the listener.
  private static void refuseNotifyOnOurOwnCalls(Seccomp profile) {
    if (profile.defaultAction() == SeccompAction.NOTIFY) {
      throw invalid("SCMP_ACT_NOTIFY cannot be used as default action", "/defaultAction");
    }
    for (int i = 0; i < profile.syscalls().size(); i++) {
      SyscallRule rule = profile.syscalls().get(i);
      if (rule.action() == SeccompAction.NOTIFY && rule.names().contains("write")) {
        throw invalid(
            "SCMP_ACT_NOTIFY cannot be used for the write syscall", "/syscalls/" + i + "/action");
      }
    }
  }

  private List<Integer> architectures(Seccomp profile) {
    List<Integer> tokens = new ArrayList<>();
    for (int i = 0; i < profile.architectures().size(); i++) {
      String name = profile.architectures().get(i);
      int token = 0;
      if (name.startsWith(ARCHITECTURE_PREFIX)) {
        String word = name.substring(ARCHITECTURE_PREFIX.length()).toLowerCase(Locale.ROOT);
        try (Memory memory = Memory.scope(gate)) {
          token = library.seccomp_arch_resolve_name(memory.string(word));
        }
      }
      if (token == 0) {
        throw invalid("seccomp architecture \"" + name + "\" is not known", "/architectures/" + i);
      }
      tokens.add(token);
    }
    return tokens;
  }

  private static int action(SeccompAction action, @org.jspecify.annotations.Nullable Integer data) {
    int value = (data == null ? Errno.EPERM : data) & 0xffff;
    return switch (action) {
      case KILL, KILL_THREAD -> 0;
      case KILL_PROCESS -> 0x80000000;
      case TRAP -> 0x00030000;
      case ERRNO -> 0x00050000 | value;
      case NOTIFY -> 0x7fc00000;
      case TRACE -> 0x7ff00000 | value;
      case LOG -> 0x7ffc0000;
      case ALLOW -> 0x7fff0000;
    };
  }

  private static int comparison(SeccompOperator operator) {
    return switch (operator) {
      case NOT_EQUAL -> 1;
      case LESS -> 2;
      case LESS_OR_EQUAL -> 3;
      case EQUAL -> 4;
      case GREATER_OR_EQUAL -> 5;
      case GREATER -> 6;
      case MASKED_EQUAL -> 7;
    };
  }

  private void addRule(long filter, SyscallRule rule, int defaultAction, String pointer) {
    int action = action(rule.action(), rule.errnoRet());
    if (action == defaultAction) {
      // libseccomp refuses what says nothing new.
      return;
    }
    List<SeccompArgument> arguments = rule.args();
    boolean separate = sameArgumentTwice(arguments, pointer);
    try (Memory memory = Memory.scope(gate)) {
      // struct scmp_arg_cmp { unsigned int arg; enum scmp_compare op; uint64_t a; uint64_t b; }
      Memory.Block conditions = memory.block(24 * arguments.size());
      for (int i = 0; i < arguments.size(); i++) {
        SeccompArgument argument = arguments.get(i);
        conditions.putInt(24 * i, argument.index());
        conditions.putInt(24 * i + 4, comparison(argument.operator()));
        conditions.putLong(24 * i + 8, argument.value()).putLong(24 * i + 16, argument.valueTwo());
      }
      for (String name : rule.names()) {
        int number = resolve(name);
        if (number == UNKNOWN) {
          // Newer than this libseccomp, or of another system: the prologue answers ENOSYS.
          continue;
        }
        int rules = separate ? arguments.size() : 1;
        int each = separate ? 1 : arguments.size();
        for (int i = 0; i < rules; i++) {
          long from = conditions.address() + 24L * i;
          int result = library.seccomp_rule_add_array(filter, action, number, each, from);
          if (result != 0 && result != -Errno.EEXIST) {
            throw failed("cannot add a rule for system call \"" + name + "\"", -result, pointer);
          }
        }
      }
    }
  }

  private int resolve(String name) {
    try (Memory memory = Memory.scope(gate)) {
      return library.seccomp_syscall_resolve_name(memory.string(name));
    }
  }

  /** libseccomp has no "and" of two conditions on one argument; runc makes them an "or". */
  private static boolean sameArgumentTwice(List<SeccompArgument> arguments, String pointer) {
    int seen = 0;
    boolean twice = false;
    for (int i = 0; i < arguments.size(); i++) {
      int index = arguments.get(i).index();
      if (index < 0 || index > 5) {
        throw Failure.of(
                Failure.Code.INVALID_CONFIG,
                "seccomp argument index " + index + " is not from 0 to 5")
            .phase("seccomp")
            .pointer(pointer + "/args/" + i + "/index")
            .build();
      }
      twice |= (seen & (1 << index)) != 0;
      seen |= 1 << index;
    }
    return twice;
  }

  /** Only where calls are forbidden by default, and not with ENOSYS already. */
  private byte[] prologue(Seccomp profile, List<Integer> architectures) {
    Integer errno = profile.defaultErrnoRet();
    switch (profile.defaultAction()) {
      case ALLOW, LOG, TRACE -> {
        return new byte[0];
      }
      case ERRNO -> {
        if (errno != null && errno == Errno.ENOSYS) {
          return new byte[0];
        }
      }
      default -> {}
    }
    List<Integer> all = new ArrayList<>(architectures);
    int own = library.seccomp_arch_native();
    if (!all.contains(own)) {
      all.add(own);
    }
    EnosysPrologue prologue = new EnosysPrologue();
    for (int architecture : all) {
      int highest = highestCall(profile, architecture);
      if (highest > 0) {
        boolean x32 = architecture == X32;
        prologue.add(x32 ? X86_64 : architecture, x32, highest);
      }
    }
    return prologue.bytes();
  }

  private int highestCall(Seccomp profile, int architecture) {
    int highest = 0;
    for (SyscallRule rule : profile.syscalls()) {
      for (String name : rule.names()) {
        try (Memory memory = Memory.scope(gate)) {
          int number = library.seccomp_syscall_resolve_name_arch(architecture, memory.string(name));
          highest = Math.max(highest, number);
        }
      }
    }
    return highest;
  }

  private byte[] export(long filter) {
    try (Descriptor file = linux.streams().memoryFile("seccomp", 0)) {
      int result = library.seccomp_export_bpf(filter, file.number());
      if (result != 0) {
        throw failed("cannot compile the filter", -result, POINTER);
      }
      linux.streams().seek(file, 0, 0);
      return linux.streams().readAll(file, 8 * MOST_INSTRUCTIONS);
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] joined = new byte[first.length + second.length];
    System.arraycopy(first, 0, joined, 0, first.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    if (joined.length > 8 * MOST_INSTRUCTIONS) {
      throw failed("the filter is longer than the kernel takes", Errno.E2BIG, POINTER);
    }
    return joined;
  }

  private static Failure invalid(String message, String pointer) {
    return Failure.of(Failure.Code.INVALID_CONFIG, message)
        .phase("seccomp")
        .pointer(POINTER + pointer)
        .build();
  }

  private static Failure failed(String message, int errno, String pointer) {
    return Failure.of(Failure.Code.SYSTEM, "seccomp: " + message + ": " + Errno.message(errno))
        .phase("seccomp")
        .pointer(pointer)
        .errno(errno)
        .build();
  }
}

package dev.jrunc.spec;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a seccomp profile. */
final class SeccompReader {
  private static final String ACTIONS =
      "SCMP_ACT_KILL SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD SCMP_ACT_TRAP SCMP_ACT_ERRNO"
          + " SCMP_ACT_TRACE SCMP_ACT_ALLOW SCMP_ACT_LOG SCMP_ACT_NOTIFY";
  private static final String OPERATORS =
      "SCMP_CMP_NE SCMP_CMP_LT SCMP_CMP_LE SCMP_CMP_EQ SCMP_CMP_GE SCMP_CMP_GT"
          + " SCMP_CMP_MASKED_EQ";
  // SECCOMP_RET_DATA: what a filter may return beside its action.
  private static final int HIGHEST_ERRNO = 0xffff;

  private SeccompReader() {}

  static @Nullable Seccomp seccomp(Cursor c) throws IOException {
    SeccompAction action = null;
    Integer errno = null;
    List<String> architectures = List.of();
    List<String> flags = null;
    String listenerPath = null;
    String listenerMetadata = null;
    List<SyscallRule> rules = List.of();
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "defaultAction" -> action = SeccompAction.of(c.word("seccomp action", ACTIONS));
        case "defaultErrnoRet" -> errno = c.integer(0, HIGHEST_ERRNO);
        case "architectures" ->
            architectures = c.words("seccomp architecture", Seccomp.ARCHITECTURES);
        case "flags" -> flags = c.words("seccomp flag", Seccomp.FLAGS);
        case "listenerPath" -> listenerPath = c.optionalText();
        case "listenerMetadata" -> listenerMetadata = c.optionalText();
        case "syscalls" -> rules = c.list(SeccompReader::rule);
        default ->
            c.unknown(
                "defaultAction defaultErrnoRet architectures flags listenerPath listenerMetadata"
                    + " syscalls");
      }
    }
    c.require("defaultAction");
    if (!present) {
      return null;
    }
    return new Seccomp(
        action == null ? SeccompAction.KILL_PROCESS : action,
        errno,
        architectures,
        flags,
        listenerPath,
        listenerMetadata,
        rules);
  }

  private static SyscallRule rule(Cursor c) throws IOException {
    List<String> names = List.of();
    SeccompAction action = null;
    Integer errno = null;
    List<SeccompArgument> args = List.of();
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "names" -> names = names(c);
        case "action" -> action = SeccompAction.of(c.word("seccomp action", ACTIONS));
        case "errnoRet" -> errno = c.integer(0, HIGHEST_ERRNO);
        case "args" -> args = c.list(SeccompReader::argument);
        case "comment", "includes", "excludes" -> c.skip();
        default -> c.unknown("names action errnoRet args");
      }
    }
    c.require("names");
    c.require("action");
    return new SyscallRule(
        names, action == null ? SeccompAction.KILL_PROCESS : action, errno, args);
  }

  private static List<String> names(Cursor c) throws IOException {
    boolean list = c.isList();
    List<String> names = c.texts();
    if (list && names.isEmpty()) {
      c.violation("a rule names at least one system call", "");
    }
    return names;
  }

  private static SeccompArgument argument(Cursor c) throws IOException {
    Integer index = 0;
    Long value = 0L;
    Long valueTwo = 0L;
    SeccompOperator operator = null;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "index" -> index = c.integer(0, 5);
        case "value" -> value = c.unsigned();
        case "valueTwo" -> valueTwo = c.unsigned();
        case "op" -> operator = SeccompOperator.of(c.word("seccomp operator", OPERATORS));
        default -> c.unknown("index value valueTwo op");
      }
    }
    c.require("index");
    c.require("value");
    c.require("op");
    return new SeccompArgument(
        index == null ? 0 : index,
        MountReader.orZero(value),
        MountReader.orZero(valueTwo),
        operator == null ? SeccompOperator.EQUAL : operator);
  }
}

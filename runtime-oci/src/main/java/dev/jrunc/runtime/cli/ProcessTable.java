package dev.jrunc.runtime.cli;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The rows of the host's ps(1) that are about a container's processes, as runc's ps shows them. */
final class ProcessTable {
  private static final int LARGEST = 16 << 20;
  private static final String USUAL_PATH = "/usr/local/bin:/usr/bin:/bin";

  private final Linux linux;
  private final List<String> environment;

  ProcessTable(Linux linux, List<String> environment) {
    this.linux = linux;
    this.environment = environment;
  }

  String rows(List<Integer> pids, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add("ps");
    command.addAll(arguments.isEmpty() ? List.of("-ef") : arguments);
    return select(run(command), pids);
  }

  /** The head of a table and those of its rows whose pid is among {@code pids}. */
  static String select(String table, List<Integer> pids) {
    StringBuilder text = new StringBuilder();
    int column = -1;
    for (int start = 0; start < table.length(); ) {
      int newline = table.indexOf('\n', start);
      int end = newline < 0 ? table.length() : newline;
      String row = table.substring(start, end);
      start = end + 1;
      if (column < 0) {
        column = columnOf("PID", row);
        text.append(row).append('\n');
      } else if (!row.isEmpty() && pids.contains(pid(row, column))) {
        text.append(row).append('\n');
      }
    }
    if (column < 0) {
      throw noPid();
    }
    return text.toString();
  }

  private static int pid(String row, int column) {
    String field = field(row, column);
    long pid = Numbers.digits(field);
    if (pid < 0) {
      throw Failure.of(Failure.Code.SYSTEM, "unable to parse pid: \"" + field + "\"").build();
    }
    return (int) pid;
  }

  private static Failure noPid() {
    return Failure.of(Failure.Code.USAGE, "couldn't find PID field in ps output")
        .hint("let ps show it, for example with -o pid,args")
        .build();
  }

  private static int columnOf(String name, String head) {
    for (int column = 0; ; column++) {
      String field = field(head, column);
      if (field.isEmpty()) {
        throw noPid();
      }
      if (field.equals(name)) {
        return column;
      }
    }
  }

  /** The field of a row by number, empty if there are fewer. */
  private static String field(String row, int column) {
    int at = 0;
    for (int number = 0; ; number++) {
      while (at < row.length() && row.charAt(at) == ' ') {
        at++;
      }
      int end = at;
      while (end < row.length() && row.charAt(end) != ' ') {
        end++;
      }
      if (number == column || at == end) {
        return row.substring(at, end);
      }
      at = end;
    }
  }

  private String run(List<String> command) {
    try (Descriptor output = linux.streams().memoryFile("ps", 0)) {
      ProcessCalls.Clone clone = linux.processes().clone(0, null);
      if (clone.inChild()) {
        linux.processes().resetSignals();
        linux.streams().duplicateOnto(output, 1);
        linux.streams().duplicateOnto(output, 2);
        linux.streams().closeOnExecFrom(3);
        execute(command);
        linux.processes().exit(127);
      }
      Objects.requireNonNull(clone.pidfd()).close();
      int code = Objects.requireNonNull(linux.processes().waitFor(clone.pid(), 0)).exitCode();
      linux.streams().seek(output, 0, 0);
      String said = Utf8.decode(linux.streams().readAll(output, LARGEST));
      if (code == 127 && said.isEmpty()) {
        throw Failure.of(Failure.Code.SYSTEM, "exec: \"ps\": executable file not found in $PATH")
            .errno(Errno.ENOENT)
            .hint("the table comes from ps of the package procps")
            .build();
      }
      if (code != 0) {
        throw Failure.of(Failure.Code.SYSTEM, "exit status " + code + ": " + said).build();
      }
      return said;
    }
  }

  private void execute(List<String> command) {
    String path = USUAL_PATH;
    for (String variable : environment) {
      path = variable.startsWith("PATH=") ? variable.substring(5) : path;
    }
    for (int start = 0; start <= path.length(); ) {
      int colon = path.indexOf(':', start);
      int end = colon < 0 ? path.length() : colon;
      // An empty entry would be the current folder: never a place for the host's ps.
      if (end > start) {
        String file = path.substring(start, end) + "/ps";
        linux.processes().executeRaw(linux.currentDirectory(), file, command, environment, 0);
      }
      start = end + 1;
    }
  }
}

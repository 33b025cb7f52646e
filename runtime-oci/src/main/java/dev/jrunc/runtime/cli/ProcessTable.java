package dev.jrunc.runtime.cli;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.runtime.error.Failure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The rows of the host's ps(1) that are about a container's processes, as runc's ps shows them. */
final class ProcessTable {
  private static final int LARGEST = 16 << 20;

  private final Linux linux;

  ProcessTable(Linux linux) {
    this.linux = linux;
  }

  String rows(List<Integer> pids, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add("ps");
    command.addAll(arguments.isEmpty() ? List.of("-ef") : arguments);
    String[] lines = run(command).split("\n");
    int column = column(lines[0]);
    StringBuilder text = new StringBuilder(lines[0]).append('\n');
    for (int i = 1; i < lines.length; i++) {
      String[] fields = lines[i].trim().split("\\s+");
      if (column < fields.length && pids.contains(Integer.valueOf(fields[column]))) {
        text.append(lines[i]).append('\n');
      }
    }
    return text.toString();
  }

  private static int column(String header) {
    String[] names = header.trim().split("\\s+");
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals("PID")) {
        return i;
      }
    }
    throw Failure.of(Failure.Code.USAGE, "couldn't find PID field in ps output").build();
  }

  private String run(List<String> command) {
    try (Descriptor output = linux.streams().memoryFile("ps", 0)) {
      ProcessCalls.Clone clone = linux.processes().clone(0, null);
      if (clone.inChild()) {
        linux.streams().duplicateOnto(output, 1);
        linux.streams().closeOnExecFrom(3);
        List<String> environment = List.of("PATH=/usr/bin:/bin", "LANG=C");
        for (String path : List.of("/bin/ps", "/usr/bin/ps")) {
          linux.processes().executeRaw(linux.currentDirectory(), path, command, environment, 0);
        }
        linux.processes().exit(127);
      }
      Objects.requireNonNull(clone.pidfd()).close();
      int code = Objects.requireNonNull(linux.processes().waitFor(clone.pid(), 0)).exitCode();
      if (code != 0) {
        throw Failure.of(Failure.Code.SYSTEM, "ps failed with exit status " + code)
            .errno(code == 127 ? Errno.ENOENT : 0)
            .hint(code == 127 ? "the table comes from ps of the package procps" : "")
            .build();
      }
      linux.streams().seek(output, 0, 0);
      return new String(linux.streams().readAll(output, LARGEST), StandardCharsets.UTF_8);
    }
  }
}

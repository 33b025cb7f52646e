package dev.jrunc.conformance.engines;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The processes of containers, looked at from beside them. */
final class Processes {
  private Processes() {}

  /** It may still wait for somebody who asks how it ended. */
  static boolean isGone(int pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
    } catch (IOException e) {
      return true;
    }
  }

  /** The value of a line of its status. */
  static String status(int pid, String key) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith(key + ":"))
        .map(line -> line.substring(key.length() + 1).trim())
        .findFirst()
        .orElseThrow(() -> new IOException("no " + key + " of " + pid));
  }

  /** What a capability set holds that is written as in a status. */
  static boolean has(String set, int capability) {
    return (Long.parseUnsignedLong(set, 16) >> capability & 1) == 1;
  }

  /** The name of one of its namespaces. */
  static String namespace(int pid, String type) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + type)).toString();
  }

  static int self() {
    return Math.toIntExact(ProcessHandle.current().pid());
  }
}

package dev.jrunc.conformance.bench;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the runtimes hold in memory, and how little a container may have. */
final class MemoryUse {
  private static final String ID = "bench-memory";

  private final List<Contender> contenders;
  private final Table table;

  MemoryUse(List<Contender> contenders, Table table) {
    this.contenders = contenders;
    this.table = table;
  }

  void config(String name, Sandbox place) throws IOException {
    List<Long> peaks = new ArrayList<>();
    List<Long> created = new ArrayList<>();
    for (Contender contender : contenders) {
      peaks.add(peak(contender, place));
      created.add(created(contender, place));
    }
    table.kibibytes("peak memory of run, " + name + " config", peaks);
    table.kibibytes("private memory of a created container, " + name + " config", created);
  }

  // GNU time's %M: the largest of the command and the children it waited for, in KiB.
  private static long peak(Contender contender, Sandbox place) {
    place.args("/bin/true");
    List<String> timed = List.of("/usr/bin/time", "-f", "%M", contender.program().toString());
    Command run =
        Command.of(Command.words(timed, "--root", contender.state().toString(), "run", ID));
    String[] lines = run.in(place.bundle()).run().ok().err().strip().split("\n");
    return Long.parseLong(lines[lines.length - 1]);
  }

  private static long created(Contender contender, Sandbox place) throws IOException {
    place.args("/bin/sleep", "100");
    Path pid = place.folder().resolve("pid");
    contender.command("create", "--pid-file", pid.toString(), ID).run().ok();
    long sum = 0;
    for (String line :
        Files.readAllLines(Path.of("/proc", Files.readString(pid).strip(), "smaps_rollup"))) {
      if (line.startsWith("Private_")) {
        sum += Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    contender.command("delete", "--force", ID).run().ok();
    return sum;
  }

  /** The smallest power of two that is enough for {@code true}, three times of three. */
  void smallestLimit(Sandbox place) throws IOException {
    Path config = place.bundle().resolve("config.json");
    String before = Files.readString(config);
    List<Long> smallest = new ArrayList<>();
    place.args("/bin/true");
    for (Contender contender : contenders) {
      long found = 0;
      for (long limit = 16L << 20; limit >= 64 << 10; limit /= 2) {
        long bytes = limit;
        place.config(c -> c.withObject("/linux/resources/memory").put("limit", bytes));
        if (!works(contender)) {
          break;
        }
        found = limit >> 10;
      }
      smallest.add(found);
    }
    Files.writeString(config, before);
    table.kibibytes("smallest memory limit that works", smallest);
  }

  private static boolean works(Contender contender) {
    for (int i = 0; i < 3; i++) {
      if (contender.command("run", ID).run().code() != 0) {
        contender.command("delete", "--force", ID).run();
        return false;
      }
    }
    return true;
  }
}

package dev.jrunc.conformance.bench;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Expect;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Wall times of the commands of a container's life. */
final class Rounds {
  private static final int WARM_UP = 3;
  private static final int BACK_TO_BACK = 40;
  private static final int SPACED = 20;

  private final List<Contender> contenders;
  private final Table table;
  private int number;

  Rounds(List<Contender> contenders, Table table) {
    this.contenders = contenders;
    this.table = table;
  }

  /** What starting the program costs, without a container. */
  void version() {
    List<Series> series = new ArrayList<>();
    contenders.forEach(contender -> series.add(new Series()));
    for (int i = 0; i < WARM_UP + BACK_TO_BACK; i++) {
      for (int c = 0; c < contenders.size(); c++) {
        double time = time(contenders.get(c).command("--version"), 0);
        if (i >= WARM_UP) {
          series.get(c).add(time);
        }
      }
    }
    table.times("--version", series);
  }

  /** All commands with the bundle's present config. */
  void config(String name, Sandbox place) throws IOException {
    for (int pause : new int[] {0, 250}) {
      Map<String, List<Series>> results = new LinkedHashMap<>();
      for (int i = 0; i < WARM_UP + (pause == 0 ? BACK_TO_BACK : SPACED); i++) {
        List<Map<String, Double>> round = new ArrayList<>();
        for (Contender contender : contenders) {
          round.add(life(contender, place, pause));
        }
        if (i >= WARM_UP) {
          collect(round, results);
        }
      }
      String spacing = pause == 0 ? "back to back" : pause + " ms apart";
      results.forEach(
          (verb, series) -> table.times(verb + ", " + name + " config, " + spacing, series));
    }
  }

  private static void collect(List<Map<String, Double>> round, Map<String, List<Series>> results) {
    for (int c = 0; c < round.size(); c++) {
      for (Map.Entry<String, Double> entry : round.get(c).entrySet()) {
        List<Series> series = results.computeIfAbsent(entry.getKey(), verb -> new ArrayList<>());
        if (series.size() == c) {
          series.add(new Series());
        }
        series.get(c).add(entry.getValue());
      }
    }
  }

  private Map<String, Double> life(Contender contender, Sandbox place, int pause)
      throws IOException {
    Map<String, Double> times = new LinkedHashMap<>();
    String id = "bench-" + contender.name() + "-" + number++;
    Path pidFile = place.folder().resolve("pid");
    place.args("/bin/true");
    times.put("run", time(contender.command("run", id), pause));
    place.args("/bin/sleep", "100");
    Command create = contender.command("create", "--pid-file", pidFile.toString(), id);
    times.put("create", time(create, pause));
    times.put("state", time(contender.command("state", id), pause));
    times.put("start", time(contender.command("start", id), pause));
    times.put("exec", time(contender.command("exec", id, "/bin/true"), pause));
    contender.command("kill", id, "KILL").run().ok();
    awaitEnd(Files.readString(pidFile).strip());
    times.put("delete", time(contender.command("delete", id), pause));
    return times;
  }

  private static double time(Command command, int pause) {
    rest(pause);
    long start = System.nanoTime();
    Command.Outcome outcome = command.run();
    double time = (System.nanoTime() - start) / 1e6;
    outcome.ok();
    return time;
  }

  // A zombie has ended: nobody may be there to wait for it.
  private static void awaitEnd(String pid) throws IOException {
    for (int i = 0; i < 1000; i++) {
      try {
        String stat = Files.readString(Path.of("/proc", pid, "stat"));
        if (stat.charAt(stat.lastIndexOf(')') + 2) == 'Z') {
          return;
        }
      } catch (NoSuchFileException e) {
        return;
      }
      rest(2);
    }
    Expect.that(false, "process " + pid + " has not ended");
  }

  private static void rest(int millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

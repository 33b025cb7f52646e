package dev.jrunc.conformance.bench;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Times a runtime and a peer in turn, so that both meet the same machine: back to back and 250 ms
 * apart, since an idle machine is what a real start meets. Prints a table for the README.
 */
public final class Benchmark {
  private static final int ROUNDS = 40;
  private static final int WARM_UP = 5;

  private final Path runtime;
  private final Path peer;

  private Benchmark(Path runtime, Path peer) {
    this.runtime = runtime;
    this.peer = peer;
  }

  public static void run(Path runtime, Path peer, Path moreConfig) throws IOException {
    Benchmark benchmark = new Benchmark(runtime, peer);
    System.out.println("| what | spacing | ours ms | peer ms | ratio |");
    System.out.println("|---|---|---|---|---|");
    benchmark.row("--version", List.of("--version"), 0);
    try (Sandbox place = Sandbox.open(peer, "bench")) {
      place.args("/bin/true");
      benchmark.startRows("run, runc's default config", place);
      benchmark.memoryRows("runc's default config", place);
      if (Files.isRegularFile(moreConfig)) {
        Files.copy(
            moreConfig,
            place.bundle().resolve("config.json"),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        for (String file : List.of("hosts", "hostname")) {
          Path source = moreConfig.resolveSibling(file);
          if (Files.exists(source)) {
            Files.copy(source, place.bundle().resolve(file));
          }
        }
        benchmark.startRows("run, podman's config", place);
        benchmark.memoryRows("podman's config", place);
      }
      benchmark.smallestLimit(place);
    }
  }

  private void startRows(String what, Sandbox place) {
    for (int pause : new int[] {0, 250}) {
      List<Double> ours = new ArrayList<>();
      List<Double> theirs = new ArrayList<>();
      for (int i = 0; i < WARM_UP + ROUNDS; i++) {
        rest(pause);
        double a = time(runtime, place, "run", "bench-a" + i);
        rest(pause);
        double b = time(peer, place, "run", "bench-b" + i);
        if (i >= WARM_UP) {
          ours.add(a);
          theirs.add(b);
        }
      }
      print(what, pause, ours, theirs);
    }
  }

  private void row(String what, List<String> words, int pause) {
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    for (int i = 0; i < WARM_UP + ROUNDS; i++) {
      double a = time(command(runtime, words));
      double b = time(command(peer, words));
      if (i >= WARM_UP) {
        ours.add(a);
        theirs.add(b);
      }
    }
    print(what, pause, ours, theirs);
  }

  private static Command command(Path program, List<String> words) {
    return Command.of(Command.words(List.of(program.toString()), words.toArray(String[]::new)));
  }

  private static double time(Path program, Sandbox place, String verb, String id) {
    String root = place.folder().resolve("state-" + program.getFileName()).toString();
    return time(Command.of(program.toString(), "--root", root, verb, id).in(place.bundle()));
  }

  private static double time(Command command) {
    long start = System.nanoTime();
    command.run().ok();
    return (System.nanoTime() - start) / 1e6;
  }

  private static void print(String what, int pause, List<Double> ours, List<Double> theirs) {
    Collections.sort(ours);
    Collections.sort(theirs);
    double a = ours.get(ours.size() / 2);
    double b = theirs.get(theirs.size() / 2);
    System.out.printf(
        Locale.ROOT,
        "| %s | %s | %.1f [%.1f-%.1f] | %.1f [%.1f-%.1f] | %.2f |%n",
        what,
        pause == 0 ? "back to back" : pause + " ms apart",
        a,
        ours.get(0),
        ours.get(ours.size() - 1),
        b,
        theirs.get(0),
        theirs.get(theirs.size() - 1),
        a / b);
  }

  // GNU time's %M: the largest of the command and the children it waited for, in KiB.
  private void memoryRows(String what, Sandbox place) throws IOException {
    peak(what, place);
    created(what, place);
  }

  private void peak(String what, Sandbox place) {
    place.args("/bin/true");
    long[] peaks = new long[2];
    Path[] programs = {runtime, peer};
    for (int i = 0; i < 2; i++) {
      String root = place.folder().resolve("state-rss").toString();
      String said =
          Command.of(
                  "/usr/bin/time",
                  "-f",
                  "%M",
                  programs[i].toString(),
                  "--root",
                  root,
                  "run",
                  "bench-rss")
              .in(place.bundle())
              .run()
              .ok()
              .err();
      String[] lines = said.strip().split("\n");
      peaks[i] = Long.parseLong(lines[lines.length - 1]);
    }
    System.out.printf(
        Locale.ROOT,
        "| peak memory of run, %s, KiB | | %d | %d | %.2f |%n",
        what,
        peaks[0],
        peaks[1],
        (double) peaks[0] / peaks[1]);
  }

  private void created(String what, Sandbox place) throws IOException {
    place.args("/bin/sleep", "100");
    long[] sizes = new long[2];
    Path[] programs = {runtime, peer};
    for (int i = 0; i < 2; i++) {
      String root = place.folder().resolve("state-created").toString();
      Path pid = place.folder().resolve("pid");
      List<String> globals = List.of(programs[i].toString(), "--root", root);
      // Through files: a created container keeps the streams it was given open.
      String line =
          String.join(" ", globals) + " create --pid-file " + pid + " bench-c >/dev/null 2>&1";
      Command.of("sh", "-c", line + " </dev/null").in(place.bundle()).run().ok();
      sizes[i] = privateKib(Files.readString(pid));
      Command.of(Command.words(globals, "delete", "--force", "bench-c")).run().ok();
    }
    System.out.printf(
        Locale.ROOT,
        "| private memory of a created container, %s, KiB | | %d | %d | %.2f |%n",
        what,
        sizes[0],
        sizes[1],
        (double) sizes[0] / sizes[1]);
  }

  private static long privateKib(String pid) throws IOException {
    long sum = 0;
    for (String line : Files.readAllLines(Path.of("/proc", pid, "smaps_rollup"))) {
      if (line.startsWith("Private_")) {
        sum += Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return sum;
  }

  private void smallestLimit(Sandbox place) {
    long[] smallest = new long[2];
    Path[] programs = {runtime, peer};
    place.args("/bin/true");
    for (int i = 0; i < 2; i++) {
      for (long limit = 16L << 20; limit >= 64 << 10; limit /= 2) {
        long bytes = limit;
        place.config(config -> config.withObject("/linux/resources/memory").put("limit", bytes));
        if (!works(programs[i], place)) {
          break;
        }
        smallest[i] = limit >> 10;
      }
    }
    System.out.printf(
        "| smallest memory limit that works, KiB | | %d | %d | |%n", smallest[0], smallest[1]);
  }

  private static boolean works(Path program, Sandbox place) {
    String root = place.folder().resolve("state-limit").toString();
    for (int i = 0; i < 3; i++) {
      Command run =
          Command.of(program.toString(), "--root", root, "run", "bench-l").in(place.bundle());
      if (run.run().code() != 0) {
        Command.of(program.toString(), "--root", root, "delete", "--force", "bench-l").run();
        return false;
      }
    }
    return true;
  }

  private static void rest(int millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

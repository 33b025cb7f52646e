package dev.jrunc.conformance.bench;

import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures a runtime and its peers in turn, so that all meet the same machine, and prints a table:
 * each command back to back and with 250 ms of rest before it, since an idle machine is what a real
 * start meets. Two configs: what runc's {@code spec} writes, and one more from a file.
 */
public final class Benchmark {
  private Benchmark() {}

  /**
   * Prints the whole table.
   *
   * @param moreConfig a config.json, with the files it mounts beside it; may be missing
   */
  public static void run(Path runtime, List<Path> peers, Path moreConfig) throws IOException {
    try (Sandbox place = Sandbox.open(peers.get(0), "bench")) {
      List<Contender> all = new ArrayList<>();
      all.add(Contender.of(runtime, place));
      for (Path peer : peers) {
        all.add(Contender.of(peer, place));
      }
      Table table = new Table(all);
      Rounds rounds = new Rounds(all, table);
      rounds.version();
      rounds.config("spec", place);
      MemoryUse memory = new MemoryUse(all, table);
      memory.config("spec", place);
      memory.smallestLimit(place);
      if (Files.isRegularFile(moreConfig)) {
        Path folder = java.util.Objects.requireNonNull(moreConfig.toAbsolutePath().getParent());
        copyFiles(folder, place.bundle());
        rounds.config("podman", place);
        memory.config("podman", place);
      }
    }
  }

  private static void copyFiles(Path from, Path to) throws IOException {
    for (String name : List.of("config.json", "hosts", "hostname")) {
      if (Files.exists(from.resolve(name))) {
        Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}

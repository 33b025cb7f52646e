package dev.jrunc.conformance.bench;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether the last of many containers starts as fast as the first: on one bridge, without any
 * network, and the kernel's part alone, which is the same calls by {@code ip -batch}.
 */
final class ManyContainers {
  private static final int CONTAINERS = 200;
  private static final int SAMPLE = 20;
  private static final int ROUNDS = 5;

  /** The kernel takes namespaces apart when their containers are long gone. */
  private static final int SETTLE = 4000;

  private static final String BRIDGE = "many0";

  private final Path runtime;
  private final Sandbox place;
  private final TestNetwork network;
  private final Path state;

  private ManyContainers(Path runtime, Sandbox place, TestNetwork network, Path state) {
    this.runtime = runtime;
    this.place = place;
    this.network = network;
    this.state = state;
  }

  /** Prints its lines of the table. */
  static void run(Path runtime, Sandbox place, TestNetwork network) throws IOException {
    // State is kept in /run, which is a tmpfs on most hosts: a file system on a disk looks ever
    // longer for free inodes where files have just been replaced.
    Path memory = Path.of("/dev/shm");
    boolean there = Files.isDirectory(memory) && "tmpfs".equals(Files.getFileStore(memory).type());
    Path state = Files.createTempDirectory(there ? memory : place.folder(), "jrunc-bench-");
    try {
      place.args("/bin/sleep", "1000");
      ManyContainers many = new ManyContainers(runtime, place, network, state);
      Growth bridge = new Growth();
      Growth none = new Growth();
      Growth kernel = new Growth();
      for (int i = 0; i < ROUNDS; i++) {
        many.containers("none", none);
        many.containers("bridge", bridge);
        many.control(kernel);
      }
      bridge.print("run --detach on one bridge");
      none.print("run --detach --network none");
      kernel.print("floor by ip -batch on one bridge");
    } finally {
      try (var left = Files.walk(state)) {
        left.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }

  /** Times of the first and of the last of each round. */
  private static final class Growth {
    private final Series first = new Series();
    private final Series last = new Series();
    private final Series ratios = new Series();

    void add(List<Double> times) {
      Series early = new Series();
      Series late = new Series();
      for (int i = 0; i < times.size(); i++) {
        // The very first makes the bridge, and is no measure of one alone.
        if (i > 0 && i <= SAMPLE) {
          early.add(times.get(i));
          first.add(times.get(i));
        } else if (i >= CONTAINERS - SAMPLE) {
          late.add(times.get(i));
          last.add(times.get(i));
        }
      }
      ratios.add(late.median() / early.median());
    }

    void print(String what) {
      NetworkBenchmark.line(what + ", 2nd to " + (SAMPLE + 1) + "st", first.toString());
      NetworkBenchmark.line(what + ", the last " + SAMPLE + " of " + CONTAINERS, last.toString());
      NetworkBenchmark.line(
          what + ", the last of the first in " + ROUNDS + " rounds",
          String.format(Locale.ROOT, "%.2f", ratios.median()) + " " + ratios.range(2));
    }
  }

  private Command command(String... words) {
    List<String> all =
        new ArrayList<>(List.of(runtime.toString(), "--root", state.resolve("state").toString()));
    all.addAll(List.of(words));
    return network.onHost(all).in(place.bundle()).intoFile(place.folder().resolve("said"));
  }

  private void containers(String mode, Growth growth) {
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < CONTAINERS; i++) {
      Command command = command("run", "--detach", "--network", mode, "many-" + i);
      times.add(NetworkBenchmark.time(command, 0));
    }
    growth.add(times);
    for (int i = 0; i < CONTAINERS; i++) {
      command("delete", "--force", "many-" + i).run().ok();
    }
    NetworkBenchmark.rest(SETTLE);
  }

  // A batch of pairs of devices, and the namespace they end in, for each step of the sample. The
  // first batch counts as what the first containers take, since it makes no bridge.
  private void control(Growth growth) throws IOException {
    network.onHost("ip", "link", "add", BRIDGE, "type", "bridge").run().ok();
    network.onHost("ip", "link", "set", BRIDGE, "up").run().ok();
    Path nothing = Files.writeString(place.folder().resolve("nothing"), "");
    List<Double> times = new ArrayList<>();
    times.add(0.0);
    for (int from = 0; from < CONTAINERS; from += SAMPLE) {
      String namespace = "jrunc-many-" + from;
      Command.of("ip", "netns", "add", namespace).run().ok();
      Path outside = batch("outside", OUTSIDE, namespace, from);
      Path inside = batch("inside", INSIDE, namespace, from);
      double begin = NetworkBenchmark.time(network.onHost("ip", "-batch", nothing.toString()), 0);
      double both =
          NetworkBenchmark.time(network.onHost("ip", "-batch", outside.toString()), 0)
              + NetworkBenchmark.time(
                  Command.of("ip", "-n", namespace, "-batch", inside.toString()), 0);
      for (int i = 0; i < SAMPLE && times.size() < CONTAINERS; i++) {
        times.add((both - 2 * begin) / SAMPLE);
      }
    }
    growth.add(times);
    for (int from = 0; from < CONTAINERS; from += SAMPLE) {
      Command.of("ip", "netns", "del", "jrunc-many-" + from).run().ok();
    }
    NetworkBenchmark.rest(SETTLE);
    network.onHost("ip", "link", "del", BRIDGE).run();
  }

  private Path batch(String name, String one, String namespace, int from) throws IOException {
    StringBuilder all = new StringBuilder();
    for (int i = from; i < from + SAMPLE; i++) {
      all.append(one.formatted(i, namespace));
    }
    return Files.writeString(place.folder().resolve(name), all);
  }

  private static final String OUTSIDE =
      """
      link add jvmany%1$d type veth peer name eth%1$d netns %2$s
      link set jvmany%1$d master many0 addrgenmode none
      link set jvmany%1$d up
      """;
  private static final String INSIDE =
      """
      link set eth%1$d addrgenmode none
      link set eth%1$d up
      addr add 10.99.%1$d.2/24 dev eth%1$d
      addr add fe80::%1$d/64 dev eth%1$d nodad
      addr add fd99:%1$d::2/64 dev eth%1$d nodad
      route add default via 10.99.%1$d.1 metric %1$d
      route add default via fd99:%1$d::1 metric %1$d
      """;
}

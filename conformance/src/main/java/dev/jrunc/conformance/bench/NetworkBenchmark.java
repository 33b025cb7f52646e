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
import java.util.concurrent.TimeUnit;

/**
 * What a network costs: {@code run --network bridge} beside {@code none} and beside the same calls
 * by {@code ip -batch}, and then many containers at once ({@link ManyContainers}). All in a network
 * namespace that nobody else uses.
 */
public final class NetworkBenchmark {
  private static final int WARM_UP = 3;
  private static final int ROUNDS = 30;
  private static final int SAMPLE = 20;

  private final Path runtime;
  private final Sandbox place;
  private final TestNetwork network;
  private int number;

  private NetworkBenchmark(Path runtime, Sandbox place, TestNetwork network) {
    this.runtime = runtime;
    this.place = place;
    this.network = network;
  }

  /**
   * Prints the table.
   *
   * @param podman the program, measured too where it is there
   */
  public static void run(Path runtime, Path podman) throws IOException {
    try (Sandbox place = Sandbox.open(runtime, "bench");
        TestNetwork network = TestNetwork.open()) {
      NetworkBenchmark benchmark = new NetworkBenchmark(runtime, place, network);
      System.out.println("| what | ms, median and range |\n|---|---|");
      double ours = benchmark.modes(0);
      benchmark.modes(250);
      benchmark.floor();
      if (Files.isExecutable(podman)) {
        benchmark.podman(podman, ours);
      }
      ManyContainers.run(runtime, place, network);
    }
  }

  private Command command(String... words) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of(runtime.toString(), "--root", place.folder().resolve("state").toString()));
    all.addAll(List.of(words));
    return network.onHost(all).in(place.bundle()).intoFile(place.folder().resolve("said"));
  }

  static double time(Command command, int pause) {
    rest(pause);
    long start = System.nanoTime();
    Command.Outcome outcome = command.run();
    double time = (System.nanoTime() - start) / 1e6;
    outcome.ok();
    return time;
  }

  static void rest(int millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static void line(String what, String value) {
    System.out.println("| " + what + " | " + value + " |");
  }

  private static void difference(String what, Series more, Series less) {
    line(what, String.format(Locale.ROOT, "%.1f", more.median() - less.median()));
  }

  // What a bridge costs more than none.
  private double modes(int pause) {
    place.args("/bin/true");
    Series none = new Series();
    Series bridge = new Series();
    Series published = new Series();
    for (int i = 0; i < WARM_UP + ROUNDS; i++) {
      double a = time(command("run", "--network", "none", id()), pause);
      double b = time(command("run", "--network", "bridge", id()), pause);
      double c = time(command("run", "--network", "bridge", "-p", "8007:7", id()), pause);
      if (i >= WARM_UP) {
        none.add(a);
        bridge.add(b);
        published.add(c);
      }
    }
    String spacing = pause == 0 ? ", back to back" : ", " + pause + " ms apart";
    line("run --network none" + spacing, none.toString());
    line("run --network bridge" + spacing, bridge.toString());
    line("run --network bridge --publish" + spacing, published.toString());
    difference("bridge minus none" + spacing, bridge, none);
    difference("bridge with a port minus none" + spacing, published, none);
    return bridge.median() - none.median();
  }

  private String id() {
    return "net-bench-" + number++;
  }

  /**
   * What cannot be done without: the pair of devices, in a namespace that is there, addresses and
   * routes. Many in one batch: alone it takes less time than ip does to begin.
   */
  private void floor() throws IOException {
    network.onHost("ip", "link", "add", "floor0", "type", "bridge").run().ok();
    network.onHost("ip", "link", "set", "floor0", "up").run().ok();
    Series floor = new Series();
    Path nothing = Files.writeString(place.folder().resolve("nothing"), "");
    Path outside = Files.writeString(place.folder().resolve("outside"), batch(FLOOR_OUTSIDE));
    Path inside = Files.writeString(place.folder().resolve("inside"), batch(FLOOR_INSIDE));
    for (int i = 0; i < WARM_UP + ROUNDS; i++) {
      Command.of("ip", "netns", "add", "jrunc-floor").run().ok();
      double begin = time(network.onHost("ip", "-batch", nothing.toString()), 0);
      double both =
          time(network.onHost("ip", "-batch", outside.toString()), 0)
              + time(Command.of("ip", "-n", "jrunc-floor", "-batch", inside.toString()), 0);
      if (i >= WARM_UP) {
        floor.add((both - 2 * begin) / PAIRS);
      }
      Command.of("ip", "netns", "del", "jrunc-floor").run().ok();
      awaitNoPairs();
    }
    network.onHost("ip", "link", "del", "floor0").run();
    line("floor: the same calls by ip -batch, one of " + PAIRS, floor.toString());
  }

  private static final int PAIRS = 20;
  private static final String FLOOR_OUTSIDE =
      """
      link add jvfloor%1$d type veth peer name eth%1$d netns jrunc-floor
      link set jvfloor%1$d master floor0
      link set jvfloor%1$d up
      """;
  private static final String FLOOR_INSIDE =
      """
      link set eth%1$d up
      addr add 10.99.%1$d.2/24 dev eth%1$d
      addr add fd99:%1$d::2/64 dev eth%1$d nodad
      route add default via 10.99.%1$d.1 metric %1$d
      route add default via fd99:%1$d::1 metric %1$d
      """;

  private static String batch(String one) {
    StringBuilder all = new StringBuilder();
    for (int i = 1; i <= PAIRS; i++) {
      all.append(one.formatted(i));
    }
    return all.toString();
  }

  // The kernel removes them some time after their namespace.
  private void awaitNoPairs() {
    for (int i = 0; i < 100; i++) {
      if (!network.onHost("ip", "-o", "link").run().ok().out().contains("jvfloor")) {
        return;
      }
      rest(20);
    }
  }

  private void podman(Path program, double ours) throws IOException {
    Series none = new Series();
    Series bridge = new Series();
    try (OwnPodman podman = OwnPodman.open(program, place.rootfs())) {
      for (int i = 0; i < 1 + SAMPLE / 2; i++) {
        double a = time(onHost(podman.run("none")), 0);
        double b = time(onHost(podman.run("bridge")), 0);
        if (i >= 1) {
          none.add(a);
          bridge.add(b);
        }
      }
      String name = podman.version() + " over " + podman.runtime();
      line(name + ": run --network none", none.toString());
      line(name + ": run --network bridge", bridge.toString());
    }
    difference("podman: bridge minus none", bridge, none);
    double theirs = bridge.median() - none.median();
    line("of podman's, back to back", String.format(Locale.ROOT, "%.3f", ours / theirs));
  }

  private Command onHost(Command command) {
    return command
        .behind("nsenter", "--net=" + network.hostFile())
        .intoFile(place.folder().resolve("said"));
  }
}

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
 * by {@code ip -batch}, and the last of many containers on one bridge beside the first. All in a
 * network namespace that nobody else uses.
 */
public final class NetworkBenchmark {
  private static final int WARM_UP = 3;
  private static final int ROUNDS = 30;
  private static final int CONTAINERS = 200;
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
   * @param podman the program, measured too where it is there and {@code image} names an image
   */
  public static void run(Path runtime, Path podman, String image) throws IOException {
    try (Sandbox place = Sandbox.open(runtime, "bench");
        TestNetwork network = TestNetwork.open()) {
      NetworkBenchmark benchmark = new NetworkBenchmark(runtime, place, network);
      System.out.println("| what | ms, median and range |\n|---|---|");
      for (int pause : new int[] {0, 250}) {
        benchmark.modes(pause);
      }
      benchmark.floor();
      if (Files.isExecutable(podman) && !image.isEmpty()) {
        benchmark.podman(podman, image);
      }
      benchmark.many();
    }
  }

  private Command command(String... words) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of(runtime.toString(), "--root", place.folder().resolve("state").toString()));
    all.addAll(List.of(words));
    return network.onHost(all).in(place.bundle()).intoFile(place.folder().resolve("said"));
  }

  private static double time(Command command, int pause) {
    rest(pause);
    long start = System.nanoTime();
    Command.Outcome outcome = command.run();
    double time = (System.nanoTime() - start) / 1e6;
    outcome.ok();
    return time;
  }

  private static void rest(int millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void line(String what, String value) {
    System.out.println("| " + what + " | " + value + " |");
  }

  private static void difference(String what, Series more, Series less) {
    line(what, String.format(Locale.ROOT, "%.1f", more.median() - less.median()));
  }

  private void modes(int pause) {
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
  }

  private String id() {
    return "net-bench-" + number++;
  }

  // What cannot be done without: the pair of devices, in a namespace that is there, and its end.
  private void floor() throws IOException {
    Path batch = place.folder().resolve("batch");
    Path inside = place.folder().resolve("inside");
    network.onHost("ip", "link", "add", "floor0", "type", "bridge").run().ok();
    network.onHost("ip", "link", "set", "floor0", "up").run().ok();
    Series nothing = new Series();
    Series floor = new Series();
    Files.writeString(
        inside,
        """
        link set eth0 up
        addr add 10.99.0.2/24 dev eth0
        addr add fd99::2/64 dev eth0 nodad
        route add default via 10.99.0.1
        """);
    for (int i = 0; i < WARM_UP + ROUNDS; i++) {
      Command.of("ip", "netns", "add", "jrunc-floor").run().ok();
      Files.writeString(batch, "");
      double a = time(network.onHost("ip", "-batch", batch.toString()), 0);
      Files.writeString(
          batch,
          """
          link add jvfloor type veth peer name eth0 netns jrunc-floor
          link set jvfloor master floor0
          link set jvfloor up
          """);
      double b =
          time(network.onHost("ip", "-batch", batch.toString()), 0)
              + time(Command.of("ip", "-n", "jrunc-floor", "-batch", inside.toString()), 0)
              - 2 * a;
      if (i >= WARM_UP) {
        nothing.add(a);
        floor.add(b);
      }
      network.onHost("ip", "link", "del", "jvfloor").run().ok();
      Command.of("ip", "netns", "del", "jrunc-floor").run().ok();
    }
    network.onHost("ip", "link", "del", "floor0").run();
    line("floor: the same by ip -batch, less ip -batch of nothing", floor.toString());
  }

  private void podman(Path podman, String image) {
    Series none = new Series();
    Series bridge = new Series();
    for (int i = 0; i < 1 + SAMPLE / 2; i++) {
      double a = time(podman(podman, image, "none"), 0);
      double b = time(podman(podman, image, "bridge"), 0);
      if (i >= 1) {
        none.add(a);
        bridge.add(b);
      }
    }
    line("podman run --network none", none.toString());
    line("podman run --network bridge", bridge.toString());
    difference("podman: bridge minus none", bridge, none);
  }

  private Command podman(Path podman, String image, String mode) {
    List<String> words = new ArrayList<>(List.of(podman.toString()));
    String options = System.getenv("PODMAN_OPTIONS");
    if (options != null && !options.isEmpty()) {
      words.addAll(List.of(options.split(" ")));
    }
    words.addAll(List.of("run", "--rm", "--network", mode, image, "/bin/true"));
    return network.onHost(words).intoFile(place.folder().resolve("said"));
  }

  private void many() {
    place.args("/bin/sleep", "1000");
    Series first = new Series();
    Series last = new Series();
    List<String> all = new ArrayList<>();
    for (int i = 0; i < CONTAINERS; i++) {
      String id = id();
      all.add(id);
      double time = time(command("run", "--detach", "--network", "bridge", id), 0);
      // The very first makes the bridge; it and the ones around it are no measure of one alone.
      if (i > 0 && i <= SAMPLE) {
        first.add(time);
      } else if (i >= CONTAINERS - SAMPLE) {
        last.add(time);
      }
    }
    line("run --detach, 2nd to " + (SAMPLE + 1) + "th on one bridge", first.toString());
    line("run --detach, the last " + SAMPLE + " of " + CONTAINERS, last.toString());
    for (String id : all) {
      command("delete", "--force", id).run().ok();
    }
  }
}

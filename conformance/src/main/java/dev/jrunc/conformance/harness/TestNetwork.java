package dev.jrunc.conformance.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two network namespaces joined by a wire: one in which a runtime is run as if it were the host's,
 * and one that plays the world outside, which knows the host and nothing behind it. The host's own
 * links are never touched.
 */
public final class TestNetwork implements AutoCloseable {
  public static final String HOST = "192.0.2.1";
  public static final String OUTSIDE = "192.0.2.2";

  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String host;
  private final String outside;
  private final List<Process> servers = new ArrayList<>();

  private TestNetwork(String host, String outside) {
    this.host = host;
    this.outside = outside;
  }

  /** Makes both. */
  public static TestNetwork open() {
    String name = "jt" + ProcessHandle.current().pid() + "-" + COUNT.getAndIncrement();
    TestNetwork network = new TestNetwork(name + "h", name + "o");
    Command.of("ip", "netns", "add", network.host).run().ok();
    Command.of("ip", "netns", "add", network.outside).run().ok();
    network.onHost("ip", "link", "set", "lo", "up").run().ok();
    network.outside("ip", "link", "set", "lo", "up").run().ok();
    network
        .onHost(
            "ip",
            "link",
            "add",
            "up0",
            "type",
            "veth",
            "peer",
            "name",
            "down0",
            "netns",
            network.outside)
        .run()
        .ok();
    // Addresses that the kernel makes up by itself come some time later.
    network.onHost("ip", "link", "set", "up0", "addrgenmode", "none").run().ok();
    network.onHost("ip", "addr", "add", HOST + "/24", "dev", "up0").run().ok();
    network.outside("ip", "link", "set", "down0", "up").run().ok();
    network.onHost("ip", "link", "set", "up0", "up").run().ok();
    network.awaitCarrier();
    network.outside("ip", "addr", "add", OUTSIDE + "/24", "dev", "down0").run().ok();
    network.onHost("ip", "route", "add", "default", "via", OUTSIDE).run().ok();
    return network;
  }

  // The kernel says that a wire has two ends some time after it has.
  private void awaitCarrier() {
    for (int i = 0; i < 100; i++) {
      if (onHost("ip", "-o", "link", "show", "up0").run().ok().out().contains("state UP")) {
        return;
      }
    }
  }

  private static Command in(String namespace, List<String> words) {
    List<String> all = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + namespace));
    all.addAll(words);
    return Command.of(all);
  }

  /** A command where the runtime is. */
  public Command onHost(String... words) {
    return in(host, List.of(words));
  }

  public Command onHost(List<String> words) {
    return in(host, words);
  }

  /** A command outside. */
  public Command outside(String... words) {
    return in(outside, List.of(words));
  }

  /** The file of the host's namespace. */
  public String hostFile() {
    return "/run/netns/" + host;
  }

  /** Starts a server, which ends with this. */
  public void serve(boolean outsideToo, String... words) throws java.io.IOException {
    List<String> all = new ArrayList<>();
    all.addAll(List.of("nsenter", "--net=/run/netns/" + (outsideToo ? outside : host)));
    all.addAll(List.of(words));
    servers.add(
        new ProcessBuilder(all)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /** Links, routes and rules of the host, to be compared. */
  public String snapshot() {
    return onHost("ip", "-o", "link").run().ok().out()
        + onHost("ip", "route", "show", "table", "all").run().ok().out()
        + onHost("nft", "list", "ruleset").run().ok().out();
  }

  /** Waits until the host is as it was. */
  public void expectAs(String before) throws InterruptedException {
    String now = snapshot();
    for (int i = 0; i < 150 && !now.equals(before); i++) {
      Thread.sleep(100);
      now = snapshot();
    }
    Expect.equal(before, now, "the host's network");
  }

  @Override
  public void close() {
    servers.forEach(server -> server.descendants().forEach(ProcessHandle::destroyForcibly));
    servers.forEach(Process::destroyForcibly);
    Command.of("ip", "netns", "del", host).run();
    Command.of("ip", "netns", "del", outside).run();
  }
}

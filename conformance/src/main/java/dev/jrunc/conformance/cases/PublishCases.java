package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.cases.NetworkCase.address;
import static dev.jrunc.conformance.cases.NetworkCase.ask;
import static dev.jrunc.conformance.cases.NetworkCase.detached;
import static dev.jrunc.conformance.cases.NetworkCase.echoServer;
import static dev.jrunc.conformance.cases.NetworkCase.jrunc;
import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.equal;

import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Ports of the host that lead to a container. */
final class PublishCases {
  private PublishCases() {}

  static List<Case> all() {
    return List.of(
        NetworkCase.of("a published port answers", PublishCases::publish),
        NetworkCase.of(
            "a port published on one address answers there alone", PublishCases::oneAddress),
        NetworkCase.of("a published port answers on the loopback of IPv6", PublishCases::loopback),
        NetworkCase.of("where it cannot, that port is refused", PublishCases::loopbackRefused),
        NetworkCase.of("a port that is taken is said plainly", PublishCases::taken));
  }

  private static void publish(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    String server =
        echoServer(place, network, "--network", "bridge", "-p", "8007:7", "-p", "8007:7/udp");
    for (String protocol : List.of("TCP", "UDP")) {
      for (String host : List.of("127.0.0.1", TestNetwork.HOST)) {
        equal(
            "hello\n",
            ask(network.onHost("socat", "-t2", "-", protocol + ":" + host + ":8007")),
            protocol + " from the host to " + host);
      }
      equal(
          "hello\n",
          ask(network.outside("socat", "-t2", "-", protocol + ":192.0.2.1:8007")),
          protocol + " from outside");
    }
    // From another container by the host's address, and from the container itself.
    String gateway = address(place, network, server, 0).replaceAll("[0-9]+$", "1");
    place.script("echo hello | socat -t2 - TCP:" + gateway + ":8007");
    equal(
        "hello\n",
        jrunc(place, network, "run", "--network", "bridge", place.container()).run().ok().out(),
        "the answer over the gateway");
    equal(
        "hello\n",
        jrunc(
                place,
                network,
                "exec",
                server,
                "sh",
                "-c",
                "echo hello | socat -t2 - TCP:192.0.2.1:8007")
            .run()
            .ok()
            .out(),
        "its own answer over the host");
    jrunc(place, network, "delete", "--force", server).run().ok();
    network.expectAs(before);
    network.onHost("socat", "-u", "OPEN:/dev/null", "TCP:127.0.0.1:8007").run().code(1);
  }

  private static void oneAddress(Sandbox place, TestNetwork network) throws Exception {
    echoServer(place, network, "--network", "bridge", "-p", "127.0.0.1:8007:7");
    equal("hello\n", ask(network.onHost("socat", "-t2", "-", "TCP:127.0.0.1:8007")), "the answer");
    network.outside("socat", "-u", "OPEN:/dev/null", "TCP:192.0.2.1:8007").run().code(1);
    String other = echoServer(place, network, "--network", "bridge", "-p", "192.0.2.1:8007:7");
    equal("hello\n", ask(network.outside("socat", "-t2", "-", "TCP:192.0.2.1:8007")), other);
  }

  private static void taken(Sandbox place, TestNetwork network) throws Exception {
    network.serve(false, "socat", "TCP-LISTEN:8006,reuseaddr", "EXEC:cat");
    String before = network.snapshot();
    place.args("sleep", "100");
    String refused = place.container();
    for (int i = 0; i < 100 && !network.onHost("ss", "-ltn").run().out().contains(":8006"); i++) {
      Thread.sleep(50);
    }
    jrunc(place, network, "run", "--network", "bridge", "-p", "8006:7", refused)
        .run()
        .code(1)
        .says("port 8006/tcp is taken: a program of this host listens on it");
    equal(before, network.snapshot(), "the host's network");
    String id = detached(place, network, "--network", "bridge", "-p", "8007:7");
    jrunc(place, network, "run", "--network", "bridge:b2", "-p", "127.0.0.1:8007:7", refused)
        .run()
        .code(1)
        .says("port 127.0.0.1:8007/tcp is taken: container \"" + id + "\" publishes it");
    jrunc(place, network, "run", "--network", "bridge", "-p", "198.51.100.1:80:7", refused)
        .run()
        .code(1)
        .says("this host has no address 198.51.100.1");
    jrunc(place, network, "delete", "--force", id).run().ok();
    equal(before, network.snapshot(), "the host's network");
  }

  // Only where the kernel looks at each packet once, see Bridge.
  private static void lookTwice(TestNetwork network, String value) {
    network
        .onHost(
            "sh",
            "-c",
            "f=/proc/sys/net/bridge/bridge-nf-call-ip6tables; "
                + "[ ! -e $f ] || echo "
                + value
                + " >$f")
        .run()
        .ok();
  }

  private static void loopback(Sandbox place, TestNetwork network) throws Exception {
    lookTwice(network, "0");
    String before = network.snapshot();
    String server =
        echoServer(
            place,
            network,
            "--network",
            "bridge",
            "-p",
            "8007:7",
            "-p",
            "8007:7/udp",
            "-p",
            "[::1]:8008:7");
    for (String to : List.of("TCP:[::1]:8007", "UDP:[::1]:8007", "TCP:[::1]:8008")) {
      equal("hello\n", ask(network.onHost("socat", "-t2", "-", to)), "the answer of " + to);
    }
    network.serve(false, "socat", "TCP6-LISTEN:8009,bind=[::1],fork,reuseaddr", "EXEC:cat");
    equal(
        "hello\n",
        ask(network.onHost("socat", "-t2", "-", "TCP:[::1]:8009,retry=20,interval=0.1")),
        "the answer of a program of the host");
    jrunc(place, network, "delete", "--force", server).run().ok();
    network.expectAs(before);
  }

  private static void loopbackRefused(Sandbox place, TestNetwork network) throws Exception {
    assume(
        Files.exists(Path.of("/proc/sys/net/bridge/bridge-nf-call-ip6tables")),
        "br_netfilter is not loaded");
    lookTwice(network, "1");
    echoServer(place, network, "--network", "bridge", "-p", "8007:7");
    network
        .onHost("socat", "-u", "OPEN:/dev/null", "TCP:[::1]:8007")
        .run()
        .code(1)
        .says("Connection refused");
  }
}

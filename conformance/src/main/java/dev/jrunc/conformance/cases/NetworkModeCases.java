package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.cases.NetworkCase.address;
import static dev.jrunc.conformance.cases.NetworkCase.echoServer;
import static dev.jrunc.conformance.cases.NetworkCase.jrunc;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.util.List;

/** Networks that are somebody else's, or none. */
final class NetworkModeCases {
  private NetworkModeCases() {}

  static List<Case> all() {
    return List.of(
        NetworkCase.of("none has loopback alone", NetworkModeCases::none),
        NetworkCase.of("host shares the caller's", NetworkModeCases::host),
        NetworkCase.of("a namespace is joined by its path", NetworkModeCases::joined),
        NetworkCase.of("a container's network is shared", NetworkModeCases::shared));
  }

  private static void none(Sandbox place, TestNetwork network) throws Exception {
    place.config(config -> Sandbox.without(config, "network"));
    place.script("ls /sys/class/net; cat /proc/net/dev");
    String out =
        jrunc(place, network, "run", "--network", "none", place.container()).run().ok().out();
    contains(out, "lo");
    that(!out.contains("up0") && !out.contains("eth0"), out);
  }

  private static void host(Sandbox place, TestNetwork network) throws Exception {
    place.config(config -> config.withObject("/linux").putArray("maskedPaths"));
    place.script("cat /proc/net/dev");
    contains(
        jrunc(place, network, "run", "--network", "host", place.container()).run().ok().out(),
        "up0");
    place.config(config -> config.withObject("/linux/sysctl").put("net.ipv4.ip_forward", "0"));
    jrunc(place, network, "run", "--network", "host", place.container())
        .run()
        .code(1)
        .says("would change the host's network");
  }

  private static void joined(Sandbox place, TestNetwork network) throws Exception {
    place.script("cat /proc/net/dev");
    String mode = "ns:" + network.hostFile();
    contains(place.runtime("run", "--network", mode, place.container()).run().ok().out(), "up0");
    place
        .runtime("run", "--network", "ns:/run/netns/never-there", place.container())
        .run()
        .code(1)
        .says("/run/netns/never-there");
  }

  private static void shared(Sandbox place, TestNetwork network) throws Exception {
    String server = echoServer(place, network, "--network", "bridge");
    place.script("echo hello | socat -t2 - TCP:127.0.0.1:7; cat /etc/hosts");
    String out =
        jrunc(place, network, "run", "--network", "container:" + server, place.container())
            .run()
            .ok()
            .out();
    contains(out, "hello\n");
    contains(out, address(place, network, server, 0));
    jrunc(place, network, "kill", server, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, server);
    jrunc(place, network, "run", "--network", "container:" + server, place.container())
        .run()
        .code(1)
        .says("cannot join the network of container \"" + server + "\": it does not run");
  }
}

package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.cases.NetworkCase.address;
import static dev.jrunc.conformance.cases.NetworkCase.ask;
import static dev.jrunc.conformance.cases.NetworkCase.detached;
import static dev.jrunc.conformance.cases.NetworkCase.echoServer;
import static dev.jrunc.conformance.cases.NetworkCase.jrunc;
import static dev.jrunc.conformance.cases.NetworkCase.leases;
import static dev.jrunc.conformance.cases.NetworkCase.member;
import static dev.jrunc.conformance.cases.NetworkCase.withTools;
import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.nio.file.Path;
import java.util.List;

/** Containers on a bridge of the runtime's own. */
final class BridgeCases {
  private BridgeCases() {}

  static List<Case> all() {
    return List.of(
        NetworkCase.of("a bridge gives an address, a way out and names", BridgeCases::bridge),
        NetworkCase.of("containers and host talk TCP and UDP over a bridge", BridgeCases::talk),
        NetworkCase.of("outside sees the host's address", BridgeCases::translation),
        NetworkCase.of("the host's loopback is closed to containers", BridgeCases::guard),
        NetworkCase.of(
            "no container becomes the router of the host or of others",
            BridgeCases::advertisements),
        NetworkCase.of("what containers say to groups goes no further", BridgeCases::quiet),
        NetworkCase.of("a port of a bridge has no addresses", BridgeCases::ports),
        NetworkCase.of("the last container takes the bridge along", BridgeCases::last),
        NetworkCase.of("ls, inspect and check tell what is there", BridgeCases::told),
        NetworkCase.of("create makes it, and start finds it", BridgeCases::created),
        NetworkCase.of("plan shows every step", BridgeCases::plan));
  }

  private static void bridge(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    place.config(config -> config.put("hostname", "inside"));
    place.script("ip addr show eth0; ip route; ip -6 route; cat /etc/resolv.conf /etc/hosts");
    String out =
        jrunc(place, network, "run", "--network", "bridge", place.container()).run().ok().out();
    contains(out, "inet 10.87.0.2/22 brd 10.87.3.255");
    contains(out, "inet6 fd");
    contains(out, "UP,LOWER_UP");
    contains(out, "default via 10.87.0.1 dev eth0");
    contains(out, "default via fd");
    contains(out, "10.87.0.2\tinside");
    contains(out, "127.0.0.1\tlocalhost");
    network.expectAs(before);
  }

  private static void talk(Sandbox place, TestNetwork network) throws Exception {
    String server = echoServer(place, network, "--network", "bridge");
    String four = address(place, network, server, 0);
    String six = address(place, network, server, 1);
    for (String to :
        List.of(
            "TCP:" + four + ":7",
            "UDP:" + four + ":7",
            "TCP:[" + six + "]:7",
            "UDP:[" + six + "]:7")) {
      equal("hello\n", ask(network.onHost("socat", "-t2", "-", to)), "the host's answer of " + to);
      place.script("echo hello | socat -t2 - " + to);
      equal(
          "hello\n",
          jrunc(place, network, "run", "--network", "bridge", place.container()).run().ok().out(),
          "the other container's answer of " + to);
    }
  }

  private static void translation(Sandbox place, TestNetwork network) throws Exception {
    network.serve(true, "socat", "TCP-LISTEN:9,fork,reuseaddr", "SYSTEM:echo $SOCAT_PEERADDR");
    withTools(place)
        .script("for i in 1 2 3 4 5; do socat -u TCP:192.0.2.2:9 - && exit; sleep 0.3; done");
    String out =
        jrunc(place, network, "run", "--network", "bridge", place.container()).run().ok().out();
    equal(TestNetwork.HOST + "\n", out, "the address that outside sees");
  }

  private static void guard(Sandbox place, TestNetwork network) throws Exception {
    network.serve(false, "socat", "TCP-LISTEN:9,bind=127.0.0.1,fork,reuseaddr", "EXEC:cat");
    withTools(place)
        .script(
            "ip route add 127.0.0.9/32 via 10.87.0.1; ip addr del 127.0.0.1/8 dev lo;"
                + " ip route add 127.0.0.1/32 via 10.87.0.1 && echo x | socat -T2 - TCP:127.0.0.1:9,"
                + "connect-timeout=2 || echo closed");
    place.config(config -> {
      for (String set : List.of("bounding", "effective", "permitted")) {
        config.withObject("/process/capabilities").withArray("/" + set).add("CAP_NET_ADMIN");
      }
      config.withObject("/linux/sysctl").put("net.ipv4.conf.all.route_localnet", "1");
    });
    contains(
        jrunc(place, network, "run", "--network", "bridge", place.container()).run().all(),
        "closed");
  }

  private static void last(Sandbox place, TestNetwork network) throws Exception {
    String before = network.snapshot();
    place.args("sleep", "100");
    String first = detached(place, network, "--network", "bridge:br9");
    String second = detached(place, network, "--network", "bridge:br9");
    that(
        !address(place, network, first, 0).equals(address(place, network, second, 0)),
        "both have one address");
    jrunc(place, network, "delete", "--force", first).run().ok();
    contains(network.onHost("ip", "-o", "link").run().ok().out(), " br9: ");
    jrunc(place, network, "delete", "--force", second).run().ok();
    equal(before, network.snapshot(), "the host's network");
    that(leases(place).isEmpty(), "leases are left: " + leases(place));
  }

  private static void told(Sandbox place, TestNetwork network) throws Exception {
    place.args("sleep", "100");
    String id = detached(place, network, "--network", "bridge", "-p", "8007:7");
    String list = jrunc(place, network, "network", "ls").run().ok().out();
    contains(list, "jrunc0");
    contains(list, "10.87.0.0/22");
    String inspected = jrunc(place, network, "network", "inspect", "jrunc0").run().ok().out();
    contains(inspected, id);
    contains(inspected, "8007:7/tcp");
    jrunc(place, network, "network", "inspect", "never").run().code(1).says("no network \"never\"");
    jrunc(place, network, "network", "check", id).run().ok();
    equal("", jrunc(place, network, "network", "prune").run().ok().out(), "what is pruned");
    network.onHost("nft", "flush", "ruleset").run().ok();
    jrunc(place, network, "network", "check", id).run().code(1).says("the rules of \"jrunc0\"");
    // The next container mends it for all.
    detached(place, network, "--network", "bridge");
    jrunc(place, network, "network", "check", id).run().ok();
    contains(network.onHost("nft", "list", "ruleset").run().ok().out(), "8007");
    String link = member(place, network, id).path("link").asText();
    network.onHost("ip", "link", "del", link).run().ok();
    jrunc(place, network, "network", "check", id).run().code(1).says("is no port of");
  }

  private static void created(Sandbox place, TestNetwork network) {
    String[] flags = {"--network", "bridge", "--publish", "8007:7", "--subnet", "10.9.8.0/28"};
    jrunc(place, network, Command.words(List.of("plan"), flags).toArray(String[]::new)).run().ok();
    String id = place.container();
    place.args("sleep", "100");
    List<String> words = Command.words(Command.words(List.of("create"), flags), id);
    Path said = place.folder().resolve("said");
    jrunc(place, network, words.toArray(String[]::new)).intoFile(said).run().ok();
    jrunc(place, network, "start", id).run().ok();
    jrunc(place, network, "network", "check", id).run().ok();
    contains(jrunc(place, network, "network", "inspect").run().ok().out(), "10.9.8.");
  }

  private static void plan(Sandbox place, TestNetwork network) throws Exception {
    String text =
        jrunc(place, network, "plan", "--network", "bridge", "-p", "8007:7").run().ok().out();
    for (String step :
        List.of(
            "lease addresses",
            "make name files",
            "ensure bridge",
            "connect to bridge",
            "publish ports",
            "await network",
            "/etc/resolv.conf")) {
      contains(text, step);
    }
    String plain = jrunc(place, network, "plan").run().ok().out();
    that(!plain.contains("await network") && !plain.contains("bridge"), plain);
  }

  private static void advertisements(Sandbox place, TestNetwork network) {
    String all =
        "cat /proc/sys/net/ipv6/conf/all/accept_ra /proc/sys/net/ipv6/conf/default/accept_ra"
            + " /proc/sys/net/ipv6/conf/up0/accept_ra";
    equal("1\n1\n1\n", network.onHost("sh", "-c", all).run().ok().out(), "accept_ra before");
    place.args("sleep", "100");
    String id = detached(place, network, "--network", "bridge");
    equal(
        "0\n",
        network.onHost("cat", "/proc/sys/net/ipv6/conf/jrunc0/accept_ra").run().ok().out(),
        "accept_ra of the bridge");
    equal(
        "0\n",
        jrunc(place, network, "exec", id, "cat", "/proc/sys/net/ipv6/conf/eth0/accept_ra")
            .run()
            .ok()
            .out(),
        "accept_ra inside");
    // Whoever lives by advertisements goes on doing so although the host forwards now.
    equal("1\n1\n2\n", network.onHost("sh", "-c", all).run().ok().out(), "accept_ra after");
  }

  private static void quiet(Sandbox place, TestNetwork network) {
    assume(
        network.onHost("nft", "add table bridge probe; delete table bridge probe").run().code()
            == 0,
        "this kernel filters no bridges");
    place.args("sleep", "100");
    String first = detached(place, network, "--network", "bridge");
    network
        .onHost(
            "nft",
            "insert rule bridge jrunc-jrunc0 quiet iifname \"jv*\" icmpv6 type"
                + " mld2-listener-report counter")
        .run()
        .ok();
    detached(place, network, "--network", "bridge");
    LifecycleCases.await(
        () ->
            !network
                .onHost("nft", "list", "table", "bridge", "jrunc-jrunc0")
                .run()
                .ok()
                .out()
                .contains("packets 0 "),
        "the second says nothing");
    String heard =
        jrunc(place, network, "exec", first, "cat", "/proc/net/dev_snmp6/eth0").run().ok().out();
    contains(heard, "Icmp6InMsgs");
    that(!heard.contains("Icmp6InType143"), "the first hears it:\n" + heard);
    // Nor is it asked whether it has the other's address.
    that(!heard.contains("Icmp6InType135"), "the first is asked:\n" + heard);
  }

  private static void ports(Sandbox place, TestNetwork network) throws Exception {
    place.args("sleep", "100");
    String id = detached(place, network, "--network", "bridge");
    String link = member(place, network, id).path("link").asText();
    String host = network.onHost("ip", "-6", "-o", "addr", "show", "dev", link).run().ok().out();
    equal("", host, "addresses of the host's end");
    // The one of the link is made of the hardware address, and good from the first moment.
    String inside = jrunc(place, network, "exec", id, "cat", "/proc/net/if_inet6").run().ok().out();
    String six = inside.lines().filter(line -> line.startsWith("fe80")).findFirst().orElse("");
    that(six.startsWith("fe80000000000000006a0afffe570002"), inside);
    that(six.matches(".* 20 8[02] +eth0"), "it is not good yet: " + six);
    String four = detached(place, network, "--network", "bridge:b4", "--subnet", "10.9.8.0/24");
    String none = jrunc(place, network, "exec", four, "cat", "/proc/net/if_inet6").run().ok().out();
    that(!none.contains("eth0"), "an address of IPv6 on a bridge without:\n" + none);
  }
}

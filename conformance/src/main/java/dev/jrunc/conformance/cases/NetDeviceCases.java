package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Expect;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.TestNetwork;
import java.util.ArrayList;
import java.util.List;

/** linux.netDevices of runtime-spec 1.3. */
final class NetDeviceCases {
  private static final String SOURCE = "config-linux.md Network Devices";

  private NetDeviceCases() {}

  private static Case of(String name, NetworkCase.Body body) {
    Case inner = NetworkCase.of(name, body);
    return Case.of("netDevices: " + name, SOURCE, inner.body());
  }

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    cases.add(of("a device is moved with its addresses and is up", NetDeviceCases::moved));
    cases.add(of("a macvlan is moved and renamed", NetDeviceCases::renamed));
    cases.add(of("a template gets the first free number", NetDeviceCases::template));
    cases.add(of("a dummy is moved", NetDeviceCases::dummy));
    cases.add(of("a device that is missing is named", NetDeviceCases::missing));
    cases.add(of("a name that is taken fails and leaves nothing", NetDeviceCases::taken));
    cases.add(of("the host's namespace is refused", NetDeviceCases::refused));
    return cases;
  }

  private static void device(Sandbox place, String name, String newName) {
    place.config(config -> {
      var device = config.withObject("/linux/netDevices").putObject(name);
      if (!newName.isEmpty()) {
        device.put("name", newName);
      }
    });
  }

  private static void veth(TestNetwork network, String name) {
    network
        .onHost("ip", "link", "add", name, "type", "veth", "peer", "name", "peer-" + name)
        .run()
        .ok();
  }

  private static Command.Outcome run(Sandbox place, TestNetwork network) {
    return NetworkCase.jrunc(place, network, "run", place.container()).run();
  }

  private static void moved(Sandbox place, TestNetwork network) {
    veth(network, "dev0");
    for (String address : List.of("198.51.100.7/25", "198.51.100.8/32", "2001:db8::7/64")) {
      network.onHost("ip", "addr", "add", address, "dev", "dev0").run().ok();
    }
    // Only permanent ones are the device's own.
    network
        .onHost(
            "ip",
            "addr",
            "add",
            "198.51.100.9/24",
            "dev",
            "dev0",
            "valid_lft",
            "900",
            "preferred_lft",
            "900")
        .run()
        .ok();
    device(place, "dev0", "");
    String out = run(place.script("ip addr show dev0; sleep 0"), network).ok().out();
    contains(out, "inet 198.51.100.7/25");
    contains(out, "inet 198.51.100.8/32");
    contains(out, "inet6 2001:db8::7/64");
    that(!out.contains("198.51.100.9"), out);
    contains(out, ",UP");
  }

  private static void renamed(Sandbox place, TestNetwork network) {
    network.onHost("ip", "link", "add", "mv0", "link", "up0", "type", "macvlan").run().ok();
    device(place, "mv0", "lan0");
    String out = run(place.script("ip addr show lan0; ls /sys/class/net"), network).ok().out();
    contains(out, "lan0@");
    that(!out.contains("mv0"), out);
  }

  private static void template(Sandbox place, TestNetwork network) {
    veth(network, "dev0");
    veth(network, "dev1");
    device(place, "dev0", "eth%d");
    device(place, "dev1", "eth%d");
    String out = run(place.script("cat /proc/net/dev"), network).ok().out();
    contains(out, "eth0");
    contains(out, "eth1");
  }

  private static void dummy(Sandbox place, TestNetwork network) {
    Command.Outcome made = network.onHost("ip", "link", "add", "dm0", "type", "dummy").run();
    Expect.assume(made.code() == 0, "this kernel has no dummy devices");
    device(place, "dm0", "");
    contains(run(place.script("cat /proc/net/dev"), network).ok().out(), "dm0");
  }

  private static void missing(Sandbox place, TestNetwork network) {
    device(place, "never0", "");
    run(place, network)
        .code(1)
        .says("error moving network device \"never0\": no such device")
        .says("/linux/netDevices/never0");
  }

  private static void taken(Sandbox place, TestNetwork network) {
    veth(network, "dev0");
    device(place, "dev0", "lo");
    run(place, network).code(1).says("error moving network device \"dev0\": file exists");
    contains(network.onHost("ip", "-o", "link").run().ok().out(), "dev0@");
  }

  private static void refused(Sandbox place, TestNetwork network) {
    device(place, "up0", "");
    place.config(config -> Sandbox.without(config, "network"));
    run(place, network)
        .code(1)
        .says("unable to move network devices without a private NET namespace");
  }
}

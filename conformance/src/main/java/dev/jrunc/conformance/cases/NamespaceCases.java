package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Namespaces: new, shared and joined. */
final class NamespaceCases {
  private static final String SECTION = "config-linux.md Namespaces";

  private NamespaceCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (String type : List.of("pid", "network", "ipc", "uts", "mount", "cgroup")) {
      cases.add(Case.of("a new " + type + " namespace", SECTION, place -> isNew(place, type)));
    }
    for (String type : List.of("pid", "network", "ipc", "uts")) {
      cases.add(
          Case.of("a joined " + type + " namespace", SECTION, place -> isJoined(place, type)));
      cases.add(
          Case.of("the host's " + type + " namespace", SECTION, place -> isShared(place, type)));
    }
    cases.add(Case.of("a new user namespace with maps", SECTION, NamespaceCases::user));
    cases.add(Case.of("exec into a user namespace", "runc exec", NamespaceCases::userExec));
    cases.add(Case.of("a joined user namespace", SECTION, NamespaceCases::joinedUser));
    cases.add(Case.of("a new time namespace with offsets", SECTION, NamespaceCases::time));
    cases.add(Case.of("loopback is up", "runc", NamespaceCases::loopback));
    cases.add(Case.of("hostname and domainname", "config.md Hostname", NamespaceCases::names));
    cases.add(Case.of("sysctl of a namespace", "config-linux.md Sysctl", NamespaceCases::sysctl));
    cases.add(Case.of("sysctl of the host is refused", "runc", NamespaceCases::hostSysctl));
    cases.add(Case.of("sysctl of the host's network, joined", "runc", NamespaceCases::hostNetwork));
    cases.add(
        Case.of("what is set in a joined namespace of the host", "ours", NamespaceCases::hosts));
    cases.add(
        Case.of("maps beside the path of a user namespace", SECTION, NamespaceCases::joinedMaps));
    return cases;
  }

  private static String file(String type) {
    return switch (type) {
      case "network" -> "net";
      case "mount" -> "mnt";
      default -> type;
    };
  }

  private static String own(String type) throws Exception {
    return Files.readSymbolicLink(Path.of("/proc/self/ns", file(type))).toString();
  }

  private static String inside(Sandbox place, String type) {
    return place.args("readlink", "/proc/self/ns/" + file(type)).run().ok().out().trim();
  }

  private static void add(ObjectNode config, String type) {
    Sandbox.without(config, type);
    Sandbox.namespaces(config).addObject().put("type", type);
  }

  private static void isNew(Sandbox place, String type) throws Exception {
    place.config(config -> add(config, type));
    that(!inside(place, type).equals(own(type)), "the " + type + " namespace is the host's");
  }

  private static void isShared(Sandbox place, String type) throws Exception {
    place.config(config -> {
      Sandbox.without(config, type);
      config.remove("hostname");
    });
    if (type.equals("pid") || type.equals("network")) {
      // A proc or sysfs of another namespace than its user may be bound but not mounted anew.
      place.config(config -> config.withObject("/linux").putArray("maskedPaths"));
    }
    equal(own(type), inside(place, type), "the " + type + " namespace");
  }

  private static void isJoined(Sandbox place, String type) {
    String first = LifecycleCases.running(place);
    String pid = pid(place, first);
    place.config(config -> {
      Sandbox.without(config, type);
      config.remove("hostname");
      Sandbox.namespaces(config)
          .addObject()
          .put("type", type)
          .put("path", "/proc/" + pid + "/ns/" + file(type));
    });
    String theirs =
        place
            .runtime("exec", first, "readlink", "/proc/self/ns/" + file(type))
            .run()
            .ok()
            .out()
            .trim();
    equal(theirs, inside(place, type), "the " + type + " namespace");
  }

  static String pid(Sandbox place, String id) {
    String state = place.runtime("state", id).run().ok().out();
    return state.replaceAll("(?s).*\"pid\": ([0-9]+).*", "$1");
  }

  private static void mapped(ObjectNode config) {
    add(config, "user");
    for (String kind : List.of("uidMappings", "gidMappings")) {
      config
          .withObject("/linux")
          .putArray(kind)
          .addObject()
          .put("containerID", 0)
          .put("hostID", 100000)
          .put("size", 2000);
    }
  }

  private static void openToAll(Sandbox place) throws Exception {
    for (Path path : List.of(place.folder(), place.bundle(), place.rootfs())) {
      Files.setPosixFilePermissions(
          path, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  private static void user(Sandbox place) throws Exception {
    openToAll(place);
    place.config(NamespaceCases::mapped);
    String out = place.script("id -u; cat /proc/self/uid_map").run().ok().out();
    that(out.startsWith("0\n"), out);
    contains(out, "100000");
    contains(place.script("ls -la /dev/null; echo x > /dev/null").run().ok().out(), "1,   3");
  }

  private static void userExec(Sandbox place) throws Exception {
    openToAll(place);
    place.config(NamespaceCases::mapped);
    String id = LifecycleCases.running(place);
    String out =
        place.runtime("exec", id, "sh", "-c", "id -u; cat /proc/self/uid_map").run().ok().out();
    that(out.startsWith("0\n"), out);
    contains(out, "100000");
  }

  private static void joinedUser(Sandbox place) throws Exception {
    dev.jrunc.conformance.harness.Expect.assume(
        !place.isRunc(), "runc 1.1.5 fails to join a user namespace");
    openToAll(place);
    place.config(NamespaceCases::mapped);
    String first = LifecycleCases.running(place);
    String path = "/proc/" + pid(place, first) + "/ns/user";
    place.config(config -> {
      Sandbox.without(config, "user");
      config.withObject("/linux").remove(List.of("uidMappings", "gidMappings"));
      Sandbox.namespaces(config).addObject().put("type", "user").put("path", path);
    });
    contains(place.script("cat /proc/self/uid_map").run().ok().out(), "100000");
  }

  // Engines give both; where they do not agree, one of them is not meant.
  private static void joinedMaps(Sandbox place) throws Exception {
    dev.jrunc.conformance.harness.Expect.assume(
        !place.isRunc(), "runc 1.1.5 fails to join a user namespace");
    openToAll(place);
    place.config(NamespaceCases::mapped);
    String first = LifecycleCases.running(place);
    String path = "/proc/" + pid(place, first) + "/ns/user";
    place.config(config -> {
      Sandbox.without(config, "user");
      Sandbox.namespaces(config).addObject().put("type", "user").put("path", path);
    });
    contains(place.script("cat /proc/self/uid_map").run().ok().out(), "100000");
    place.config(config -> ((ObjectNode) config.at("/linux/gidMappings/0")).put("hostID", 100001));
    place.run().code(1).says("non-matching mapping").says("/linux/gidMappings");
  }

  private static void time(Sandbox place) {
    dev.jrunc.conformance.harness.Expect.assume(
        !place.isRunc(), "runc 1.1.5 knows no time namespace");
    place.config(config -> {
      add(config, "time");
      config.withObject("/linux/timeOffsets/boottime").put("secs", 1_000_000).put("nanosecs", 0);
    });
    String uptime = place.script("cat /proc/uptime").run().ok().out();
    that(Double.parseDouble(uptime.split(" ")[0]) > 1_000_000, "the uptime is " + uptime);
  }

  private static void loopback(Sandbox place) {
    contains(place.args("ip", "addr", "show", "lo").run().ok().out(), "127.0.0.1");
  }

  private static void names(Sandbox place) {
    place.config(config -> config.put("hostname", "my-host"));
    equal("my-host\n", place.args("hostname").run().ok().out(), "the hostname");
    dev.jrunc.conformance.harness.Expect.assume(!place.isRunc(), "runc 1.1.5 knows no domainname");
    place.config(config -> config.put("domainname", "example.org"));
    String name = place.args("cat", "/proc/sys/kernel/domainname").run().ok().out();
    equal("example.org\n", name, "the domainname");
  }

  private static void sysctl(Sandbox place) {
    place.config(config ->
        config
            .withObject("/linux/sysctl")
            .put("net.ipv4.ip_forward", "1")
            .put("kernel.shmmni", "1234"));
    String out =
        place.script("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni").run().ok().out();
    equal("1\n1234\n", out, "the values");
  }

  private static void hostNetwork(Sandbox place) {
    place.config(config -> {
      Sandbox.without(config, "network");
      Sandbox.namespaces(config)
          .addObject()
          .put("type", "network")
          .put("path", "/proc/" + ProcessHandle.current().pid() + "/ns/net");
      config.withObject("/linux/sysctl").put("net.ipv4.ip_default_ttl", "64");
    });
    place.args("true").run().code(1).says("not allowed in host network namespace");
  }

  // runc asks the network alone, and would set the others on the host.
  private static void hosts(Sandbox place) {
    dev.jrunc.conformance.harness.Expect.assume(
        !place.isRunc(), "runc takes a path to the host's own namespace for another");
    for (String type : List.of("network", "ipc", "uts")) {
      String file = type.equals("network") ? "net" : type;
      place.config(config -> {
        Sandbox.without(config, type);
        Sandbox.namespaces(config)
            .addObject()
            .put("type", type)
            .put("path", "/proc/" + ProcessHandle.current().pid() + "/ns/" + file);
      });
    }
    place.args("true").config(config -> config.remove("hostname"));
    place.runtime("validate").run().ok();
    place.run().ok();
    hostsSetting(place, "/linux/sysctl", "net.ipv4.ip_default_ttl", "64", "host network namespace");
    hostsSetting(place, "/linux/sysctl", "kernel.shmmni", "4096", "hosts ipc namespace");
    hostsSetting(place, "/linux/sysctl", "fs.mqueue.msg_max", "10", "hosts ipc namespace");
    hostsSetting(place, "/linux/sysctl", "kernel.domainname", "x", "separate kernel namespace");
    hostsSetting(place, "", "hostname", "x", "private UTS namespace");
    hostsSetting(place, "", "domainname", "x", "private UTS namespace");
  }

  private static void hostsSetting(
      Sandbox place, String section, String key, String value, String reason) {
    place.config(
        config -> (section.isEmpty() ? config : config.withObject(section)).put(key, value));
    String pointer = section + "/" + key;
    place.run().code(1).says(reason).says("config.json " + pointer);
    contains(place.runtime("validate", "--json").run().code(1).out(), "\"" + pointer + "\"");
    place.config(config -> (section.isEmpty() ? config : config.withObject(section)).remove(key));
  }

  private static void hostSysctl(Sandbox place) {
    place.config(config -> config.withObject("/linux/sysctl").put("kernel.panic", "1"));
    place.run().code(1).says("kernel.panic");
  }
}

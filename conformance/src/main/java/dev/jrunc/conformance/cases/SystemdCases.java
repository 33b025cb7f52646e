package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Cgroups by way of systemd: the unit that stands for a container, and what it says of it. */
final class SystemdCases {
  private static final String SOURCE = "runc --systemd-cgroup";
  private static final int M = 1 << 20;

  private SystemdCases() {}

  /** Of those that need systemd. */
  static List<Case> all() {
    List<Case> all = new ArrayList<>();
    add(all, "the unit is a scope with delegation in its slice", SystemdCases::unit);
    add(all, "systemd knows the limits", SystemdCases::limits);
    add(all, "update tells systemd", SystemdCases::update);
    add(all, "a quota is rounded up to hundredths", SystemdCases::quota);
    add(all, "without a path it is in system.slice", SystemdCases::defaults);
    add(all, "annotations become properties", SystemdCases::annotations);
    add(all, "wrong annotations are refused", SystemdCases::wrongAnnotation);
    add(all, "a path in another form is refused", SystemdCases::wrongPath);
    add(all, "the unit is gone after run and after delete", SystemdCases::gone);
    add(all, "later commands need not be told", SystemdCases::remembered);
    add(all, "a unit that is there is not taken", SystemdCases::taken);
    add(all, "a failed unit does not stand in the way", SystemdCases::failedBefore);
    add(all, "create that fails leaves no unit", SystemdCases::leavesNothing);
    add(all, "over the bus alone", SystemdCases::overBus);
    add(all, "in a user's own session", SystemdCases::session);
    add(all, "daemon-reload keeps limits and devices", SystemdCases::reload);
    // While systemd reads its units again, it answers nobody.
    all.add(all.removeLast().alone());
    return all;
  }

  /** The one that needs a machine without it. */
  static List<Case> without() {
    return List.of(
        Case.of(
            "--systemd-cgroup without systemd is refused",
            SOURCE,
            place -> {
              assume(!Files.isDirectory(Path.of("/run/systemd/system")), "systemd runs here");
              String id = place.container();
              place
                  .runtime("--systemd-cgroup", "run", id)
                  .run()
                  .code(1)
                  .says("systemd not running");
              place.runtime("state", id).run().code(1);
            }));
  }

  private interface Body {
    void run(UnifiedGroup group) throws Exception;
  }

  private static void add(List<Case> cases, String name, Body body) {
    cases.add(
        Case.of(
            "systemd: " + name,
            SOURCE,
            place -> {
              assume(Files.isDirectory(Path.of("/run/systemd/system")), "no systemd runs here");
              body.run(UnifiedGroup.of(place, UnifiedGroup.Driver.SYSTEMD));
            }));
  }

  private static void unit(UnifiedGroup group) {
    group.start();
    equal("conformance-nested.slice", group.property("Slice"), "the slice");
    equal("yes", group.property("Delegate"), "the delegation");
    equal("no", group.property("DefaultDependencies"), "the default dependencies");
    equal("yes", group.property("MemoryAccounting"), "the accounting");
    equal("active", group.property("ActiveState"), "the state");
    equal(
        group.directory().toString(),
        "/sys/fs/cgroup" + group.property("ControlGroup"),
        "the group");
    contains(group.property("Description"), group.id());
  }

  private static UnifiedGroup limited(UnifiedGroup group) {
    return group
        .resources(r -> {
          r.putObject("memory").put("limit", 32 * M).put("swap", 64 * M).put("reservation", 16 * M);
          r.putObject("pids").put("limit", 20);
          r.putObject("cpu")
              .put("shares", 1024)
              .put("quota", 20000)
              .put("period", 50000)
              .put("cpus", "0-1")
              .put("mems", "0");
        })
        .start();
  }

  private static void limits(UnifiedGroup group) {
    limited(group);
    equal("" + 32 * M, group.property("MemoryMax"), "MemoryMax");
    equal("" + 32 * M, group.property("MemorySwapMax"), "MemorySwapMax");
    equal("" + 16 * M, group.property("MemoryLow"), "MemoryLow");
    equal("20", group.property("TasksMax"), "TasksMax");
    equal("400ms", group.property("CPUQuotaPerSecUSec"), "CPUQuotaPerSecUSec");
    equal("50ms", group.property("CPUQuotaPeriodUSec"), "CPUQuotaPeriodUSec");
    equal(group.place().isRunc() ? "39" : "100", group.property("CPUWeight"), "CPUWeight");
    equal("0-1", group.property("AllowedCPUs"), "AllowedCPUs");
    equal("0", group.property("AllowedMemoryNodes"), "AllowedMemoryNodes");
    equal("strict", group.property("DevicePolicy"), "DevicePolicy");
    contains(group.property("DeviceAllow"), "/dev/char/1:3");
  }

  private static void update(UnifiedGroup group) {
    limited(group);
    group.update("--memory", "48M", "--memory-swap", "48M", "--pids-limit", "-1").ok();
    group.update("--cpu-quota", "-1", "--cpuset-cpus", "1").ok();
    equal("" + 48 * M, group.property("MemoryMax"), "MemoryMax");
    equal("infinity", group.property("TasksMax"), "TasksMax");
    equal("infinity", group.property("CPUQuotaPerSecUSec"), "CPUQuotaPerSecUSec");
    equal("1", group.property("AllowedCPUs"), "AllowedCPUs");
    equal("" + 16 * M, group.property("MemoryLow"), "MemoryLow");
    group.holds("memory.max", "" + 48 * M);
    // runc 1.1.5 writes no period beside "max".
    group.holds("cpu.max", group.place().isRunc() ? "max 100000" : "max 50000");
  }

  private static void quota(UnifiedGroup group) {
    group.resources(r -> r.putObject("cpu").put("quota", 5100).put("period", 100000)).start();
    equal("60ms", group.property("CPUQuotaPerSecUSec"), "CPUQuotaPerSecUSec");
    // runc 1.1.5 tells systemd something else than the kernel.
    group.holds("cpu.max", group.place().isRunc() ? "5100 100000" : "6000 100000");
  }

  private static void defaults(UnifiedGroup group) {
    group.place().config(config -> config.withObject("/linux").remove("cgroupsPath"));
    group.start();
    String prefix = group.place().isRunc() ? "runc" : "jrunc";
    String unit = prefix + "-" + group.id() + ".scope";
    String slice = UnifiedGroup.systemctl("show", "-P", "Slice", unit).ok().out().strip();
    equal("system.slice", slice, "the slice");
    that(
        Files.exists(Path.of("/sys/fs/cgroup/system.slice", unit, "cgroup.procs")),
        "there is no " + unit);
  }

  private static void annotations(UnifiedGroup group) {
    group
        .place()
        .config(config ->
            config
                .withObject("/annotations")
                .put("org.systemd.property.TimeoutStopUSec", "uint64 123456789")
                .put("org.systemd.property.CollectMode", "'inactive-or-failed'")
                .put("org.systemd.property.RuntimeMaxSec", "uint64 300"));
    group.start();
    equal("2min 3.456789s", group.property("TimeoutStopUSec"), "TimeoutStopUSec");
    equal("inactive-or-failed", group.property("CollectMode"), "CollectMode");
    equal("5min", group.property("RuntimeMaxUSec"), "RuntimeMaxUSec");
  }

  private static void wrongAnnotation(UnifiedGroup group) {
    group
        .place()
        .config(config ->
            config.withObject("/annotations").put("org.systemd.property.TasksMax", "uint64 many"));
    group.run().code(1).says("org.systemd.property.TasksMax=uint64 many value parse error");
    absent(group);
    group
        .place()
        .config(config ->
            config.putObject("annotations").put("org.systemd.property.NoSuchThing", "true"));
    group.run().code(1).says("NoSuchThing");
    absent(group);
  }

  private static void absent(UnifiedGroup group) {
    that(!Files.exists(group.directory()), group.directory() + " is there");
    String state = UnifiedGroup.systemctl("show", "-P", "LoadState", group.unit()).ok().out();
    equal("not-found", state.strip(), "the state of " + group.unit());
  }

  private static void wrongPath(UnifiedGroup group) {
    for (String path : List.of("/a/b", "a:b", "a.slice:b:c:d")) {
      group.place().config(config -> config.withObject("/linux").put("cgroupsPath", path));
      group.run().code(1).says("expected cgroupsPath to be of format");
    }
    group
        .place()
        .config(config -> config.withObject("/linux").put("cgroupsPath", "a--b.slice:test:1"));
    group.run().code(1).says("invalid slice name: a--b.slice");
  }

  private static void gone(UnifiedGroup group) {
    group.place().args("true");
    group.run().ok();
    absent(group);
    group.place().args("sleep", "100");
    group.start();
    equal("active", group.property("ActiveState"), "the state");
    group.place().runtime("delete", "--force", group.id()).run().ok();
    absent(group);
  }

  private static void remembered(UnifiedGroup group) {
    group.place().config(UnifiedGroup::shown);
    limited(group);
    group.place().globals();
    group.update("--pids-limit", "9").ok();
    equal("9", group.property("TasksMax"), "TasksMax");
    String own =
        group.place().runtime("exec", group.id(), "cat", "/proc/self/cgroup").run().ok().out();
    contains(own, group.unit());
    group.place().runtime("delete", "--force", group.id()).run().ok();
    absent(group);
  }

  private static void taken(UnifiedGroup group) {
    assume(!group.place().isRunc(), "runc 1.1.5 waits for ever");
    group.start();
    String other = group.place().container();
    group.place().runtime("run", other).run().code(1);
    equal("running", LifecycleCases.status(group.place(), group.id()), "the status of the first");
    equal("active", group.property("ActiveState"), "the state");
    group.place().runtime("state", other).run().code(1);
  }

  private static void failedBefore(UnifiedGroup group) {
    assume(!group.place().isRunc(), "runc 1.1.5 runs it outside of any unit");
    group.place().globals();
    String script =
        "systemd-run --scope --unit="
            + group.unit()
            + " --slice=conformance-nested.slice -p RuntimeMaxSec=1 sleep 100";
    Command.of("sh", "-c", script + "; true").run().ok();
    LifecycleCases.await(
        () -> group.property("ActiveState").equals("failed"), "the unit does not fail");
    group.place().globals("--systemd-cgroup");
    group.start();
    equal("active", group.property("ActiveState"), "the state");
  }

  private static void leavesNothing(UnifiedGroup group) {
    group.place().args("/no/such/program");
    group.run().code(1);
    absent(group);
    group.place().args("true");
    group.resources(r -> r.putObject("unified").put("memory.max", "much"));
    group.run().code(1).says("much");
    absent(group);
    group.place().runtime("state", group.id()).run().code(1);
  }

  private static void reload(UnifiedGroup group) {
    limited(group);
    UnifiedGroup.systemctl("daemon-reload").ok();
    group.holds("memory.max", "" + 32 * M);
    group.holds("pids.max", "20");
    group.holds("cpu.max", "20000 50000");
    equal("active", group.property("ActiveState"), "the state");
    group.usesDevices();
  }

  private static void overBus(UnifiedGroup group) {
    Sandbox place = group.place();
    String address = "unix:path=/run/dbus/system_bus_socket";
    place.config(UnifiedGroup::shown).args("cat", "/proc/self/cgroup");
    String out =
        place.runtime("run", group.id()).with("DBUS_SYSTEM_BUS_ADDRESS", address).run().ok().out();
    contains(out, group.unit());
    absent(group);
  }

  private static void session(UnifiedGroup group) throws Exception {
    Sandbox place = group.place();
    assume(!place.isRunc(), "runc asks for more of the bundle");
    assume(Files.exists(Path.of("/home/tester")), "there is no user to try it with");
    UnifiedGroup.systemctl("start", "user@1000.service").ok();
    Sandbox.delete(place.bundle().resolve("config.json"));
    Command.of(place.runtimePath().toString(), "spec", "--rootless").in(place.bundle()).run().ok();
    place.config(config -> {
      config.withObject("/process").put("terminal", false);
      config.withObject("/linux").put("cgroupsPath", "user.slice:test:" + group.id());
      for (String kind : List.of("uidMappings", "gidMappings")) {
        var mappings = config.withObject("/linux").putArray(kind);
        mappings.addObject().put("containerID", 0).put("hostID", 1000).put("size", 1);
      }
      config.withObject("/linux/resources/pids").put("limit", 20);
    });
    place.config(UnifiedGroup::shown).args("cat", "/proc/self/cgroup");
    Command.of("chown", "-R", "tester", place.folder().toString()).run().ok();
    Command.Outcome outcome =
        Command.of(
                "setpriv",
                "--reuid=1000",
                "--regid=1000",
                "--clear-groups",
                place.runtimePath().toString(),
                "--root",
                "/run/user/1000/jrunc",
                "--systemd-cgroup",
                "run",
                group.id())
            .with("XDG_RUNTIME_DIR", "/run/user/1000")
            .in(place.bundle())
            .run()
            .ok();
    contains(outcome.out(), "/user@1000.service/user.slice/" + group.unit());
  }
}

package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.equal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A container whose group on cgroup v2 is known before it is there, made by one driver or the
 * other.
 *
 * @param directory of the group, as seen on the host
 */
record UnifiedGroup(Sandbox place, String id, Path directory, Driver driver) {

  /** Who makes the group. */
  enum Driver {
    CGROUPFS,
    SYSTEMD
  }

  static UnifiedGroup of(Sandbox place, Driver driver) {
    String id = place.container();
    if (driver == Driver.CGROUPFS) {
      place.config(config -> config.withObject("/linux").put("cgroupsPath", "/conformance/" + id));
      return new UnifiedGroup(place, id, Path.of("/sys/fs/cgroup/conformance", id), driver);
    }
    place.globals("--systemd-cgroup");
    String path = "conformance-nested.slice:test:" + id;
    place.config(config -> config.withObject("/linux").put("cgroupsPath", path));
    String group =
        "/sys/fs/cgroup/conformance.slice/conformance-nested.slice/test-" + id + ".scope";
    return new UnifiedGroup(place, id, Path.of(group), driver);
  }

  /** The scope, where systemd makes the group. */
  String unit() {
    return "test-" + id + ".scope";
  }

  UnifiedGroup resources(Sandbox.Change change) {
    place.config(config -> change.apply(config.withObject("/linux/resources")));
    return this;
  }

  /** Runs the bundle's program, sleep if none is set, beside us. */
  UnifiedGroup start() {
    place.config(LifecycleCases::sleepUnlessSet);
    LifecycleCases.detached(place, "run", "--detach", id);
    return this;
  }

  /** Runs the bundle's program to its end. */
  Command.Outcome run() {
    return place.runtime("run", id).run();
  }

  /** What a file of the group holds. */
  String read(String file) {
    try {
      return Files.readString(directory.resolve(file)).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean has(String file) {
    return Files.exists(directory.resolve(file));
  }

  void holds(String file, String value) {
    equal(value, read(file), file);
  }

  Command.Outcome update(String... words) {
    List<String> all = new ArrayList<>(List.of("update"));
    all.addAll(List.of(words));
    all.add(id);
    return place.runtime(all.toArray(new String[0])).run();
  }

  /** What is executed in it may read and write the devices that every container has. */
  void usesDevices() {
    place.runtime("exec", id, "sh", "-c", "head -c 1 /dev/zero > /dev/null").run().ok();
  }

  /** A property of the scope as systemctl shows it. */
  String property(String name) {
    return systemctl("show", "-P", name, unit()).ok().out().strip();
  }

  static Command.Outcome systemctl(String... words) {
    List<String> all = new ArrayList<>(List.of("systemctl"));
    all.addAll(List.of(words));
    return Command.of(all).run();
  }

  /** The program sees its group as the root; so it is by default on v2. */
  static void hidden(ObjectNode config) {
    shown(config);
    Sandbox.namespaces(config).addObject().put("type", "cgroup");
  }

  /** The program sees where its group is on the host. */
  static void shown(ObjectNode config) {
    Sandbox.without(config, "cgroup");
  }

  /** Its path from the root of the hierarchy. */
  String path() {
    return directory.toString().substring("/sys/fs/cgroup".length());
  }
}

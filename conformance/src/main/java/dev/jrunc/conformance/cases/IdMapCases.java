package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Id-mapped mounts, and bind mounts in a user namespace. */
final class IdMapCases {
  private static final String MOUNTS = "config.md Mounts, uidMappings";
  private static final String OPTIONS = "config.md Linux mount options, idmap";
  private static final String LOCKS = "mount_namespaces(7) Restrictions on mount namespaces";
  private static final String OWNERS = "stat -c %u:%g /m/file /m/sub/file";

  private IdMapCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("an id-mapped mount on the host's ids", MOUNTS, IdMapCases::hostIds),
        Case.of("an id-mapped mount in a user namespace", MOUNTS, IdMapCases::ownIds),
        Case.of("several ranges, users and groups apart", MOUNTS, IdMapCases::ranges),
        Case.of("an unmapped owner cannot write", MOUNTS, IdMapCases::unmapped),
        Case.of("idmap takes the container's own maps", OPTIONS, IdMapCases::implied),
        Case.of("idmap in a user namespace that is joined", OPTIONS, IdMapCases::joined),
        Case.of("idmap leaves the mounts below alone", OPTIONS, IdMapCases::notRecursive),
        Case.of("ridmap maps the mounts below", OPTIONS, IdMapCases::recursive),
        Case.of("idmap without any maps is refused", OPTIONS, IdMapCases::nothing),
        Case.of("idmap of what is no bind is refused", MOUNTS, IdMapCases::noBind),
        Case.of("idmap of procfs is refused by its name", MOUNTS, IdMapCases::unable),
        Case.of("an id-mapped source of the container's own", "mounts.bats", IdMapCases::ownSource),
        Case.of("the same in a user namespace", "mounts.bats", IdMapCases::ownSourceAndUsers),
        Case.of("a source only root reaches, in a user namespace", "runc", IdMapCases::outOfReach),
        Case.of("root inside lifts nothing off a mount", LOCKS, IdMapCases::locked),
        Case.of("nor where only root reaches it", LOCKS, IdMapCases::lockedOutOfReach),
        Case.of("nor off an id-mapped mount", LOCKS, IdMapCases::lockedAndMapped));
  }

  private static void needsNewer(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 has no such id-mapped mounts");
  }

  /** A folder with a file of user 10 and group 20, and a mount below with one of 11 and 21. */
  private static Path source(Sandbox place) throws Exception {
    Path source = Files.createDirectory(place.folder().resolve("source"));
    Path below = Files.createDirectory(place.folder().resolve("below"));
    Files.createFile(source.resolve("file"));
    Files.createFile(below.resolve("file"));
    Files.createDirectory(source.resolve("sub"));
    Files.createFile(source.resolve("sub/file"));
    Command.of("chown", "10:20", source.resolve("file").toString()).run().ok();
    Command.of("chown", "11:21", below.resolve("file").toString()).run().ok();
    Command.of("chown", "11:21", source.resolve("sub/file").toString()).run().ok();
    return source;
  }

  private static ObjectNode mount(Sandbox place, String... options) throws Exception {
    Path source = source(place);
    ObjectNode[] made = new ObjectNode[1];
    place.config(Writable::root);
    place.config(
        config -> made[0] = Sandbox.mount(config, "/m", "bind", source.toString(), options));
    return made[0];
  }

  private static void maps(ObjectNode at, String name, int... numbers) {
    for (int i = 0; i < numbers.length; i += 3) {
      at.withArray("/" + name)
          .addObject()
          .put("containerID", numbers[i])
          .put("hostID", numbers[i + 1])
          .put("size", numbers[i + 2]);
    }
  }

  private static void mapped(Sandbox place, int... numbers) {
    place.config(config -> {
      ObjectNode mount = (ObjectNode) config.withArray("/mounts").get(7);
      maps(mount, "uidMappings", numbers);
      maps(mount, "gidMappings", numbers);
    });
  }

  /** The container has a user namespace, and its rootfs belongs to the root of it. */
  static void ownUsers(Sandbox place) {
    place.config(config -> {
      Sandbox.namespaces(config).addObject().put("type", "user");
      maps(config.withObject("/linux"), "uidMappings", 0, 100000, 65536);
      maps(config.withObject("/linux"), "gidMappings", 0, 100000, 65536);
    });
    Command.of("chown", "-R", "100000:100000", place.rootfs().toString()).run().ok();
    Command.of("chmod", "a+x", place.folder().toString(), place.bundle().toString()).run().ok();
  }

  private static void hostIds(Sandbox place) throws Exception {
    needsNewer(place);
    mount(place, "bind");
    mapped(place, 0, 5000, 100);
    equal("5010:5020\n5011:5021\n", place.script(OWNERS).run().ok().out(), "the owners");
  }

  private static void ownIds(Sandbox place) throws Exception {
    needsNewer(place);
    mount(place, "bind");
    mapped(place, 0, 100000, 65536);
    ownUsers(place);
    String script = OWNERS + "; touch /m/new; stat -c %u:%g /m/new";
    equal("10:20\n11:21\n0:0\n", place.script(script).run().ok().out(), "the owners");
    Path made = place.folder().resolve("source/new");
    equal(0, Files.getAttribute(made, "unix:uid"), "the owner on the disk");
  }

  private static void ranges(Sandbox place) throws Exception {
    needsNewer(place);
    mount(place, "bind");
    place.config(config -> {
      ObjectNode mount = (ObjectNode) config.withArray("/mounts").get(7);
      maps(mount, "uidMappings", 10, 1000, 1, 11, 2000, 1);
      maps(mount, "gidMappings", 20, 3000, 1, 21, 4000, 1);
    });
    equal("1000:3000\n2000:4000\n", place.script(OWNERS).run().ok().out(), "the owners");
  }

  private static void unmapped(Sandbox place) throws Exception {
    needsNewer(place);
    mount(place, "bind");
    mapped(place, 10, 1000, 1);
    place.script("touch /m/new").run().code(1).says("Value too large for defined data type");
  }

  private static void implied(Sandbox place) throws Exception {
    needsNewer(place);
    mount(place, "bind", "idmap");
    ownUsers(place);
    equal("10:20\n11:21\n", place.script(OWNERS).run().ok().out(), "the owners");
  }

  private static void joined(Sandbox place) throws Exception {
    needsNewer(place);
    ownUsers(place);
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String pid = place.runtime("state", id).run().ok().out();
    pid = pid.replaceAll("(?s).*\"pid\": (\\d+).*", "$1");
    String path = "/proc/" + pid + "/ns/user";
    place.config(config -> {
      config.withObject("/linux").remove("uidMappings");
      config.withObject("/linux").remove("gidMappings");
      Sandbox.without(config, "user");
      Sandbox.namespaces(config).addObject().put("type", "user").put("path", path);
    });
    mount(place, "bind", "idmap");
    equal("10:20\n11:21\n", place.script(OWNERS).run().ok().out(), "the owners");
  }

  /** Runs over a source that has a mount in it. */
  private static String overTree(Sandbox place, String option) throws Exception {
    mount(place, "rbind", option);
    mapped(place, 0, 5000, 100);
    place.script(OWNERS);
    String below = place.folder().resolve("below").toString();
    String sub = place.folder().resolve("source/sub").toString();
    Command.of("mount", "--bind", below, sub).run().ok();
    try {
      return place.run().ok().out();
    } finally {
      Command.of("umount", sub).run().ok();
    }
  }

  private static void notRecursive(Sandbox place) throws Exception {
    needsNewer(place);
    equal("5010:5020\n11:21\n", overTree(place, "idmap"), "the owners");
  }

  private static void recursive(Sandbox place) throws Exception {
    needsNewer(place);
    equal("5010:5020\n5011:5021\n", overTree(place, "ridmap"), "the owners");
  }

  private static void nothing(Sandbox place) throws Exception {
    needsNewer(place);
    mount(place, "bind", "idmap");
    String refusal = "id-mapped mounts must have both uid and gid mappings specified";
    place.args("true").run().code(1).says(refusal);
  }

  private static void noBind(Sandbox place) {
    needsNewer(place);
    place.config(config -> {
      ObjectNode mount = Sandbox.mount(config, "/tmp", "tmpfs", "tmpfs");
      maps(mount, "uidMappings", 0, 5000, 1);
      maps(mount, "gidMappings", 0, 5000, 1);
    });
    place.args("true").run().code(1).says("id-mapped mounts are only supported for bind-mounts");
  }

  private static void unable(Sandbox place) {
    needsNewer(place);
    place.config(Writable::root);
    place.config(config -> Sandbox.mount(config, "/m", "bind", "/proc/sys", "bind"));
    mapped(place, 0, 5000, 1);
    place.args("true").run().code(1).says("failed to set MOUNT_ATTR_IDMAP on /proc/sys");
  }

  private static void outOfReach(Sandbox place) throws Exception {
    mount(place, "bind", "ro");
    ownUsers(place);
    Path closed = Files.createDirectory(place.folder().resolve("closed"));
    Files.move(place.folder().resolve("source"), closed.resolve("source"));
    Command.of("chmod", "700", closed.toString()).run().ok();
    place.config(config -> {
      ObjectNode mount = (ObjectNode) config.withArray("/mounts").get(7);
      mount.put("source", closed.resolve("source").toString());
    });
    place.args("ls", "/m").run().ok().says("file");
  }

  private static Path closed(Sandbox place) throws Exception {
    Path closed = Files.createDirectory(place.folder().resolve("closed"));
    Files.createDirectory(closed.resolve("source"));
    Command.of("chmod", "700", closed.toString()).run().ok();
    return closed.resolve("source");
  }

  /** A source that lies in a mount which the config has made before. */
  private static void ofOwn(Sandbox place) throws Exception {
    needsNewer(place);
    Path source = source(place);
    String inside = place.rootfs().resolve("a").toString();
    place.config(Writable::root);
    place.config(config -> Sandbox.mount(config, "/a", "bind", source.toString(), "bind"));
    place.config(config -> Sandbox.mount(config, "/m", "bind", inside, "bind"));
    Files.createDirectory(place.rootfs().resolve("a"));
    place.config(config -> {
      ObjectNode mount = (ObjectNode) config.withArray("/mounts").get(8);
      maps(mount, "uidMappings", 0, 100000, 65536);
      maps(mount, "gidMappings", 0, 100000, 65536);
    });
  }

  private static void ownSource(Sandbox place) throws Exception {
    ofOwn(place);
    String out = place.script(OWNERS + "; stat -c %u:%g /a/file").run().ok().out();
    equal("100010:100020\n100011:100021\n10:20\n", out, "the owners");
  }

  private static void ownSourceAndUsers(Sandbox place) throws Exception {
    ofOwn(place);
    ownUsers(place);
    String out = place.script(OWNERS + "; stat -c %u:%g /a/file").run().ok().out();
    equal("10:20\n11:21\n65534:65534\n", out, "the owners");
  }

  /** Has root of a user namespace try to free itself of what restricts a mount of the host. */
  private static void tryToLift(Sandbox place, Path source) throws Exception {
    ownUsers(place);
    place.config(config -> {
      ObjectNode all = config.withObject("/process/capabilities");
      for (String set : List.of("bounding", "effective", "permitted")) {
        all.putArray(set).add("CAP_SYS_ADMIN").add("CAP_DAC_OVERRIDE");
      }
    });
    String script =
        "mount -o remount,bind,rw,suid,dev,exec /m && echo lifted;"
            + " umount /m/sub 2>/dev/null && echo uncovered; grep \" /m \" /proc/self/mountinfo";
    place.script(script);
    Command.of("mount", "-t", "tmpfs", "-o", "nosuid,nodev,noexec", "t", source.toString())
        .run()
        .ok();
    Path sub = Files.createDirectory(source.resolve("sub"));
    Command.of("mount", "-t", "tmpfs", "t", sub.toString()).run().ok();
    Command.of("mount", "-o", "remount,bind,ro,nosuid,nodev,noexec", source.toString()).run().ok();
    try {
      String out = place.run().ok().out();
      that(!out.contains("lifted"), "the restrictions were lifted: " + out);
      that(!out.contains("uncovered"), "what a mount covers was uncovered: " + out);
      contains(out, " ro,nosuid,nodev,noexec,");
    } finally {
      Command.of("umount", "-R", source.toString()).run().ok();
    }
  }

  private static void locked(Sandbox place) throws Exception {
    Path source = Files.createDirectory(place.folder().resolve("plain"));
    place.config(config -> Sandbox.mount(config, "/m", "bind", source.toString(), "rbind"));
    place.config(Writable::root);
    tryToLift(place, source);
  }

  private static void lockedOutOfReach(Sandbox place) throws Exception {
    Path source = closed(place);
    place.config(config -> Sandbox.mount(config, "/m", "bind", source.toString(), "rbind"));
    place.config(Writable::root);
    tryToLift(place, source);
  }

  private static void lockedAndMapped(Sandbox place) throws Exception {
    needsNewer(place);
    Path source = closed(place);
    place.config(config -> Sandbox.mount(config, "/m", "bind", source.toString(), "rbind"));
    place.config(Writable::root);
    mapped(place, 0, 100000, 65536);
    tryToLift(place, source);
  }
}

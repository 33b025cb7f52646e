package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The root, what is hidden in it and read-only, its propagation and the options of its mounts. */
final class RootCases {
  private RootCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("a root elsewhere, by a whole path", "config.md Root", RootCases::rootPath),
        Case.of("masked files and folders", "config-linux.md Masked Paths", RootCases::masked),
        Case.of(
            "read-only files and folders", "config-linux.md Readonly Paths", RootCases::readOnly),
        Case.of(
            "each propagation of the root",
            "config-linux.md Rootfs Mount Propagation",
            RootCases::propagation),
        Case.of(
            "tmpcopyup keeps what the image has there",
            "config.md Linux mount options",
            RootCases::copyUp),
        Case.of("what may be mounted over in /proc, and what not", "runc", RootCases::overProc),
        Case.of(
            "every mount option that features names",
            "config.md Linux mount options",
            RootCases::mountOptions),
        Case.of(
            "recursive options reach the mounts below",
            "config.md Linux mount options",
            RootCases::recursive));
  }

  private static void rootPath(Sandbox place) throws Exception {
    Path moved = place.folder().resolve("moved");
    Files.move(place.rootfs(), moved);
    place.config(config -> config.withObject("/root").put("path", moved.toString()));
    equal("runc\n", place.args("hostname").run().ok().out(), "the output");
  }

  private static void list(Sandbox place, String name, String... paths) {
    place.config(config -> {
      ArrayNode all = config.withObject("/linux").putArray(name);
      for (String path : paths) {
        all.add(path);
      }
    });
  }

  private static void fill(Sandbox place) throws Exception {
    Files.createDirectory(place.rootfs().resolve("folder"));
    Files.writeString(place.rootfs().resolve("folder/inner"), "seen\n");
    Files.writeString(place.rootfs().resolve("file"), "seen\n");
    place.config(Writable::root);
  }

  private static void masked(Sandbox place) throws Exception {
    fill(place);
    list(place, "maskedPaths", "/folder", "/file", "/never/there");
    equal("", place.script("cat /file; ls /folder").run().ok().out(), "what is seen");
    place.script("touch /folder/new").run().code(1);
  }

  private static void readOnly(Sandbox place) throws Exception {
    fill(place);
    list(place, "readonlyPaths", "/folder", "/file", "/never/there");
    equal("seen\nseen\n", place.script("cat /file /folder/inner").run().ok().out(), "what is seen");
    place.script("echo x > /file").run().code(1).says("Read-only file system");
    place.script("touch /folder/new").run().code(1).says("Read-only file system");
    place.script("touch /beside").run().ok();
  }

  private static void propagation(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 leaves a shared root unshared");
    for (String each : List.of("shared", "slave", "private", "unbindable", "rshared", "rprivate")) {
      place.config(config -> config.withObject("/linux").put("rootfsPropagation", each));
      String mounts = place.args("cat", "/proc/self/mountinfo").run().ok().out();
      String root =
          mounts
              .lines()
              .filter(l -> l.contains(" / / ") || l.contains("/rootfs / "))
              .findFirst()
              .orElse("");
      if (each.endsWith("shared")) {
        contains(root, " shared:");
      } else {
        that(!root.contains(" shared:"), each + ": " + root);
      }
      equal(each.equals("unbindable"), root.contains(" unbindable "), each + ": " + root);
    }
  }

  private static void mountOptions(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 does not name its options");
    var features =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree(place.runtime("features").run().ok().out());
    // Those that need more than a tmpfs have cases of their own.
    List<String> others = List.of("bind", "rbind", "idmap", "ridmap", "tmpcopyup", "remount");
    place.config(Writable::root);
    int count = 0;
    for (var option : features.path("mountOptions")) {
      if (!others.contains(option.asText())) {
        String name = option.asText();
        place.config(config -> Sandbox.mount(config, "/t/" + name, "tmpfs", "tmpfs", name));
        count++;
      }
    }
    String mounts = place.args("cat", "/proc/self/mountinfo").run().ok().out();
    equal((long) count, mounts.lines().filter(l -> l.contains(" /t/")).count(), "the mounts");
    for (String flag : List.of("ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime")) {
      String line = mounts.lines().filter(l -> l.contains(" /t/" + flag + " ")).findFirst().get();
      that(line.split(" ")[5].contains(flag), line);
    }
  }

  private static void copyUp(Sandbox place) throws Exception {
    Path folder = Files.createDirectories(place.rootfs().resolve("data/below"));
    Files.writeString(folder.resolve("file"), "of the image");
    place.config(Writable::root);
    place.config(config -> Sandbox.mount(config, "/data", "tmpfs", "tmpfs", "tmpcopyup"));
    String script = "cat /data/below/file; echo changed > /data/below/file; stat -f -c %T /data";
    equal("of the imagetmpfs\n", place.script(script).run().ok().out(), "what it sees");
    equal("of the image", Files.readString(folder.resolve("file")), "the file of the image");
  }

  private static void overProc(Sandbox place) throws Exception {
    Path file = Files.writeString(place.folder().resolve("cpuinfo"), "of ours");
    place.config(config -> {
      for (String name : List.of("cpuinfo", "meminfo", "stat", "uptime", "loadavg", "swaps")) {
        Sandbox.mount(config, "/proc/" + name, "bind", file.toString(), "bind", "ro");
      }
    });
    String script = "cat /proc/cpuinfo /proc/meminfo /proc/swaps";
    equal("of ours".repeat(3), place.script(script).run().ok().out(), "what is mounted over");
    for (String name : List.of("cmdline", "sys/kernel/core_pattern", "self")) {
      place.config(config -> {
        config.withArray("/mounts").remove(config.withArray("/mounts").size() - 1);
        Sandbox.mount(config, "/proc/" + name, "bind", file.toString(), "bind", "ro");
      });
      place.args("true").run().code(1).says("inside /proc");
    }
  }

  private static void recursive(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 has them from a newer kernel's headers only");
    Path source = Files.createDirectory(place.folder().resolve("source"));
    Files.createDirectory(source.resolve("below"));
    Command.of("mount", "-t", "tmpfs", "below", source.resolve("below").toString()).run().ok();
    try {
      place.config(Writable::root);
      place.config(config ->
          Sandbox.mount(config, "/data", "bind", source.toString(), "rbind", "rro", "rnosuid"));
      place.script("touch /data/below/x").run().code(1).says("Read-only file system");
      String line = place.script("mount | grep /data/below").run().ok().out();
      contains(line, "ro,nosuid");
    } finally {
      Command.of("umount", source.resolve("below").toString()).run().ok();
    }
  }
}

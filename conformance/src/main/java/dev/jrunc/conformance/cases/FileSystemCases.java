package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Mounts, devices and the root. */
final class FileSystemCases {
  private static final String MOUNTS = "config.md Mounts";
  private static final String DEVICES = "config-linux.md Default Devices";

  private FileSystemCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("a bind mount shows the source", MOUNTS, FileSystemCases::bind),
        Case.of("a read-only bind cannot be written", MOUNTS, FileSystemCases::readOnlyBind),
        Case.of("a bind of a file", MOUNTS, FileSystemCases::bindFile),
        Case.of("rbind takes the mounts below along", MOUNTS, FileSystemCases::rbind),
        Case.of("tmpfs with size and mode", MOUNTS, FileSystemCases::tmpfs),
        Case.of("a read-only tmpfs", MOUNTS, FileSystemCases::readOnlyTmpfs),
        Case.of("noexec, nosuid and nodev are set", MOUNTS, FileSystemCases::flags),
        Case.of("options in one string", MOUNTS, FileSystemCases::joined),
        Case.of("an overlay of long paths", MOUNTS, FileSystemCases::overlay),
        Case.of("a wrong option is refused", MOUNTS, FileSystemCases::wrongOption),
        Case.of("mounts keep their order", MOUNTS, FileSystemCases::order),
        Case.of(
            "a linked destination stays inside",
            "CVE-2021-30465, CVE-2019-18837",
            FileSystemCases::link),
        Case.of("default devices and links", DEVICES, FileSystemCases::devices),
        Case.of("a device of the config", "config-linux.md Devices", FileSystemCases::device),
        Case.of("a read-only root", "config.md Root", FileSystemCases::readOnlyRoot),
        Case.of("the old root cannot be reached", "runc pivot_root", FileSystemCases::pivot),
        Case.of("--no-pivot", "runc --no-pivot", FileSystemCases::noPivot),
        Case.of("masked paths", "config-linux.md Masked Paths", FileSystemCases::masked),
        Case.of("read-only paths", "config-linux.md Readonly Paths", FileSystemCases::readOnly),
        Case.of("the cgroup mount", "runc", FileSystemCases::cgroup),
        Case.of("no mount reaches the host", "runc", FileSystemCases::isolation));
  }

  private static Path source(Sandbox place) throws Exception {
    Path source = Files.createDirectory(place.folder().resolve("source"));
    Files.writeString(source.resolve("file"), "from the host\n");
    return source;
  }

  private static void bind(Sandbox place) throws Exception {
    Path source = source(place);
    place.config(Writable::root);
    place.config(config -> Sandbox.mount(config, "/data", "bind", source.toString(), "bind"));
    equal("from the host\n", place.script("cat /data/file; touch /data/new").run().ok().out(), "");
    that(Files.exists(source.resolve("new")), "a write did not arrive");
  }

  private static void readOnlyBind(Sandbox place) throws Exception {
    Path source = source(place);
    place.config(Writable::root);
    place.config(config -> Sandbox.mount(config, "/data", "bind", source.toString(), "bind", "ro"));
    place.script("touch /data/new").run().code(1).says("Read-only file system");
  }

  private static void bindFile(Sandbox place) throws Exception {
    Path source = source(place).resolve("file");
    place.config(Writable::root);
    place.config(
        config -> Sandbox.mount(config, "/etc/new-file", "bind", source.toString(), "bind"));
    equal("from the host\n", place.args("cat", "/etc/new-file").run().ok().out(), "the content");
  }

  private static void joined(Sandbox place) {
    place.config(Writable::root);
    place.config(
        config -> Sandbox.mount(config, "/data", "tmpfs", "tmpfs", "nosuid", "mode=0710,size=64k"));
    String out = place.script("stat -c %a /data; grep /data /proc/mounts").run().ok().out();
    contains(out, "710");
    contains(out, "size=64k");
  }

  /** fsconfig(2) takes no value above 255 bytes; mount(2) takes a page of them. */
  private static void overlay(Sandbox place) throws Exception {
    List<String> lower = new java.util.ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Path layer =
          Files.createDirectory(place.folder().resolve("layer-" + i + "-" + "x".repeat(90)));
      Files.writeString(layer.resolve("file-" + i), "of layer " + i + "\n");
      lower.add(layer.toString());
    }
    Path upper = Files.createDirectory(place.folder().resolve("upper"));
    Path work = Files.createDirectory(place.folder().resolve("work"));
    place.config(Writable::root);
    place.config(config ->
        Sandbox.mount(
            config,
            "/data",
            "overlay",
            "overlay",
            "nodev",
            "lowerdir=" + String.join(":", lower),
            "upperdir=" + upper,
            "workdir=" + work));
    String script = "cat /data/file-0 /data/file-3; touch /data/new; grep ' /data ' /proc/mounts";
    String out = place.script(script).run().ok().out();
    contains(out, "of layer 0\nof layer 3\n");
    that(Files.exists(upper.resolve("new")), "a write did not arrive");
    equal(1, out.split(" /data ", -1).length - 1, "mounts at /data in " + out);
    contains(out, "nodev");
  }

  private static void rbind(Sandbox place) {
    place.config(Writable::root);
    place.config(config -> Sandbox.mount(config, "/host", "none", "/sys", "rbind", "ro"));
    place.script("test -e /host/fs/cgroup/memory || test -e /host/fs/cgroup/unified").run().ok();
  }

  private static void tmpfs(Sandbox place) {
    place.config(Writable::root);
    place.config(config -> Sandbox.mount(config, "/t", "tmpfs", "tmpfs", "size=64k", "mode=1750"));
    contains(place.script("mount | grep ' /t '").run().ok().out(), "size=64k");
    dev.jrunc.conformance.harness.Expect.assume(
        !place.isRunc(), "runc 1.1.5 loses the mode of a tmpfs");
    equal("1750\n", place.script("stat -c %a /t").run().ok().out(), "the mode");
  }

  private static void readOnlyTmpfs(Sandbox place) {
    place.config(Writable::root);
    place.config(config -> Sandbox.mount(config, "/t", "tmpfs", "tmpfs", "ro"));
    place.script("touch /t/x").run().code(1).says("Read-only file system");
  }

  private static void flags(Sandbox place) {
    place.config(Writable::root);
    place.config(config ->
        Sandbox.mount(config, "/t", "tmpfs", "tmpfs", "noexec", "nosuid", "nodev", "noatime"));
    String line = place.script("mount | grep ' /t '").run().ok().out();
    for (String flag : List.of("noexec", "nosuid", "nodev", "noatime")) {
      contains(line, flag);
    }
  }

  private static void wrongOption(Sandbox place) {
    place.config(config -> Sandbox.mount(config, "/tmp", "tmpfs", "tmpfs", "size=much"));
    place.run().code(1).says("/tmp");
  }

  private static void order(Sandbox place) throws Exception {
    Path source = source(place);
    place.config(Writable::root);
    place.config(config -> {
      Sandbox.mount(config, "/a", "tmpfs", "tmpfs");
      Sandbox.mount(config, "/a/b", "bind", source.toString(), "bind");
    });
    place.script("cat /a/b/file").run().ok().says("from the host");
  }

  private static void link(Sandbox place) throws Exception {
    Path source = source(place);
    Path outside = Files.createDirectory(place.folder().resolve("outside"));
    Files.createSymbolicLink(place.rootfs().resolve("link"), outside);
    place.config(Writable::root);
    place.config(config -> Sandbox.mount(config, "/link/x", "bind", source.toString(), "bind"));
    place.script("cat /link/x/file").run();
    that(!Files.exists(outside.resolve("x")), "the mount point was made outside of the rootfs");
  }

  private static void devices(Sandbox place) {
    String script =
        "for d in null zero full random urandom tty; do test -c /dev/$d || echo no $d; done;"
            + " for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done;"
            + " echo x > /dev/null; stat -c '%t:%T %a' /dev/null";
    String out = place.script(script).run().ok().out();
    String links = "/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx\n";
    equal(links + "1:3 666\n", out, "the devices");
  }

  private static void device(Sandbox place) {
    place.config(config ->
        config
            .withObject("/linux")
            .withArray("/devices")
            .addObject()
            .put("path", "/dev/mine")
            .put("type", "c")
            .put("major", 1)
            .put("minor", 5)
            .put("fileMode", 0640)
            .put("uid", 7)
            .put("gid", 8));
    String out = place.script("stat -c '%t:%T %a %u %g' /dev/mine").run().ok().out();
    equal("1:5 640 7 8\n", out, "the device");
  }

  private static void readOnlyRoot(Sandbox place) {
    place.script("touch /new").run().code(1).says("Read-only file system");
    place.config(Writable::root).script("touch /new").run().ok();
  }

  private static void pivot(Sandbox place) {
    String mounts = place.args("cat", "/proc/self/mountinfo").run().ok().out();
    that(!mounts.contains(" /proc/sys/fs/binfmt_misc "), mounts);
    String[] lines = mounts.split("\n");
    that(lines.length < 60, "more mounts than a container has:\n" + mounts);
    place.script("cd /..; test -e bin/busybox && ! test -e usr/bin/java").run().ok();
  }

  private static void noPivot(Sandbox place) {
    String id = place.container();
    place.script("cd /..; ls").runtime("run", "--no-pivot", id).run().ok().says("bin");
  }

  private static void masked(Sandbox place) {
    String script = "cat /proc/keys; ls /sys/firmware; head -c 5 /proc/kcore; wc -c < /proc/keys";
    equal("0\n", place.script(script).run().out(), "what the masked paths hold");
  }

  private static void readOnly(Sandbox place) {
    place.script("echo 1 > /proc/sys/kernel/panic").run().code(1).says("Read-only file system");
  }

  private static void cgroup(Sandbox place) {
    String script = "ls -d /sys/fs/cgroup/memory/tasks || ls /sys/fs/cgroup/cgroup.procs";
    place.script(script).run().ok();
    place.script("echo 1 > /sys/fs/cgroup/memory/memory.limit_in_bytes").run().code(1);
  }

  private static void isolation(Sandbox place) throws Exception {
    String id = LifecycleCases.running(place);
    String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
    that(!mounts.contains(place.rootfs().toString()), "the host sees mounts of the container");
    place.runtime("delete", "--force", id).run().ok();
  }
}

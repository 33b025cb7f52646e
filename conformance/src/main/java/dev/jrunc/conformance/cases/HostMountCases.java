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

/** Containers without a mount namespace, whose mounts are made among the host's. */
final class HostMountCases {
  private static final String SECTION = "config-linux.md Namespaces";
  private static final String DELETE = "runtime.md Delete";

  private HostMountCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("the host's mount namespace, and a root of its own", SECTION, HostMountCases::root),
        Case.of("exec where there is no mount namespace", SECTION, HostMountCases::exec),
        Case.of("delete takes mounts off the host", DELETE, HostMountCases::delete),
        Case.of("a create that fails leaves no mount on the host", DELETE, HostMountCases::fails),
        Case.of("mounts of a create that was killed", DELETE, HostMountCases::killed),
        Case.of("delete from another mount namespace", DELETE, HostMountCases::elsewhere),
        Case.of("delete after the mount namespace is gone", DELETE, HostMountCases::afterwards),
        Case.of("delete leaves mounts of others alone", DELETE, HostMountCases::others),
        Case.of("the host's mounts keep their propagation", SECTION, HostMountCases::propagation),
        Case.of("what takes a mount namespace", "runc", HostMountCases::refused));
  }

  // runc leaves the mounts where they are and makes the root of the host a slave.
  private static void without(Sandbox place) {
    assume(!place.isRunc(), "runc leaves such mounts on the host");
    place.config(config -> {
      Sandbox.without(config, "mount");
      config.withObject("/linux").putArray("maskedPaths");
      config.withObject("/linux").putArray("readonlyPaths");
    });
  }

  private static List<String> mounts(Sandbox place) throws Exception {
    try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return lines.filter(line -> line.contains(place.folder().toString())).toList();
    }
  }

  private static void root(Sandbox place) throws Exception {
    without(place);
    place.config(config -> Sandbox.mount(config, "/mnt", "tmpfs", "tmpfs", "size=64k"));
    Files.createDirectory(place.rootfs().resolve("mnt"));
    String out =
        place.script("readlink /proc/self/ns/mnt; ls /; stat -f -c %T /mnt").run().ok().out();
    contains(out, Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString());
    contains(out, "bin\ndev\netc\nmnt\nproc\nroot\nsys\ntmp\n");
    contains(out, "tmpfs");
    equal(List.of(), mounts(place), "the mounts that are left");
  }

  private static void exec(Sandbox place) {
    without(place);
    place.config(Writable::root);
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String script = "pwd; echo here > /tmp/file; ls /proc/self/fd | wc -l";
    equal("/\n4\n", place.runtime("exec", id, "sh", "-c", script).run().ok().out(), "its output");
    that(Files.exists(place.rootfs().resolve("tmp/file")), "it was in another root");
  }

  private static void delete(Sandbox place) throws Exception {
    without(place);
    String id = LifecycleCases.running(place.args("sleep", "100"));
    that(mounts(place).size() > 3, "the mounts are not the host's: " + mounts(place));
    place.runtime("kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    place.runtime("delete", id).run().ok();
    equal(List.of(), mounts(place), "the mounts that are left");
    String created = LifecycleCases.created(place);
    place.runtime("delete", "--force", created).run().ok();
    equal(List.of(), mounts(place), "the mounts that --force left");
  }

  private static void fails(Sandbox place) throws Exception {
    without(place);
    place.args("/none").run().code(1);
    equal(List.of(), mounts(place), "the mounts that are left");
    place.config(config -> Sandbox.mount(config, "/m", "bind", "/does/not/exist", "bind"));
    place.args("true").run().code(1);
    equal(List.of(), mounts(place), "the mounts that are left");
  }

  private static void killed(Sandbox place) throws Exception {
    without(place);
    place.config(config -> {
      ObjectNode hook = config.withObject("/hooks").withArray("/createRuntime").addObject();
      hook.put("path", "/bin/sh").putArray("args").add("sh").add("-c").add("kill -9 $PPID");
    });
    String id = place.container();
    equal(137, place.args("true").runtime("create", id).run().code(), "the exit code");
    that(!mounts(place).isEmpty(), "nothing was mounted yet");
    place.runtime("delete", "--force", id).run().ok();
    equal(List.of(), mounts(place), "the mounts that are left");
  }

  private static void elsewhere(Sandbox place) throws Exception {
    without(place);
    String id = LifecycleCases.created(place.args("sleep", "100"));
    that(!mounts(place).isEmpty(), "nothing was mounted");
    place.runtime("delete", "--force", id).behind("unshare", "--mount").run().ok();
    equal(List.of(), mounts(place), "the mounts that are left");
    place.runtime("state", id).run().code(1);
  }

  private static void afterwards(Sandbox place) throws Exception {
    without(place);
    String id = place.container();
    Command.Outcome create =
        place
            .args("sleep", "100")
            .runtime("create", id)
            .behind("unshare", "--mount")
            .intoFile(place.folder().resolve("out"))
            .run();
    equal(0, create.code(), "the exit code of create");
    place.runtime("kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    place.runtime("delete", id).run().ok().says("no process is left");
    place.runtime("state", id).run().code(1);
    equal(List.of(), mounts(place), "the mounts here");
  }

  private static void others(Sandbox place) throws Exception {
    without(place);
    String rootfs = place.rootfs().toString();
    Command.of("mount", "--bind", rootfs, rootfs).run().ok();
    try {
      List<String> before = mounts(place);
      place.args("true").run().ok();
      equal(before, mounts(place), "the mounts");
      String id = LifecycleCases.created(place);
      Command.of("umount", "-l", rootfs).run().ok();
      place.runtime("delete", "--force", id).run().ok();
      equal(before, mounts(place), "the mounts, after the container's were taken off by hand");
    } finally {
      Command.of("umount", "-l", rootfs).run();
    }
  }

  private static void propagation(Sandbox place) {
    without(place);
    String id = place.container();
    String create = String.join(" ", place.runtimeWords("create", id));
    String delete = String.join(" ", place.runtimeWords("delete", "--force", id));
    String script =
        create
            + " </dev/null >/dev/null 2>&1; grep ' / / ' /proc/self/mountinfo; grep -c "
            + place.rootfs()
            + " /proc/self/mountinfo; "
            + delete
            + "; grep -c "
            + place.rootfs()
            + " /proc/self/mountinfo";
    String[] shared = {"unshare", "-m", "--propagation", "shared", "sh", "-c", script};
    String out = Command.of(shared).in(place.bundle()).run().out();
    contains(out, " shared:");
    that(!out.contains("\n0\n0\n"), "nothing was mounted: " + out);
    that(out.endsWith("\n0\n"), "something is left: " + out);
  }

  private static void refused(Sandbox place) {
    place.config(config -> Sandbox.without(config, "mount"));
    String masks = "unable to restrict sys entries without a private MNT namespace";
    place.args("true").run().code(1).says(masks);
    without(place);
    place.config(config -> Sandbox.mount(config, "/", "tmpfs", "tmpfs"));
    place.args("true").run().code(1).says("a mount over the root needs a mount namespace");
  }
}

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
import java.util.ArrayList;
import java.util.List;

/**
 * SELinux, on a machine that was booted with it: {@code security=selinux}. The labels are those
 * that Debian has for virtual machines, since its policy has none for containers.
 */
final class SelinuxCases {
  private static final String PROCESS = "config.md selinuxLabel";
  private static final String MOUNT = "config-linux.md mountLabel";
  private static final String LABEL = "system_u:system_r:svirt_t:s0:c4,c5";
  private static final String OTHER = "system_u:system_r:svirt_t:s0:c6,c7";
  private static final String FILES = "system_u:object_r:svirt_image_t:s0:c4,c5";

  private SelinuxCases() {}

  /** Whether this machine has it. */
  static boolean isOn() {
    return Files.exists(Path.of("/sys/fs/selinux/enforce"));
  }

  static List<Case> all() {
    List<Case> all = new ArrayList<>();
    add(all, "the program has its label, and what is executed in it", PROCESS, SelinuxCases::label);
    add(all, "the label in a user namespace", PROCESS, SelinuxCases::inUserNamespace);
    add(all, "exec --process-label", "runc exec", SelinuxCases::execLabel);
    add(all, "the session keyring has it", PROCESS, SelinuxCases::keyring);
    add(all, "a label that the policy has not", PROCESS, SelinuxCases::unknown);
    add(all, "with noNewPrivileges", PROCESS, SelinuxCases::noNewPrivileges);
    add(all, "new file systems have the label of mounts", MOUNT, SelinuxCases::mounts);
    add(all, "the queues' folder has it", MOUNT, SelinuxCases::queues);
    add(all, "a label of mounts that the policy has not", MOUNT, SelinuxCases::unknownMount);
    add(all, "a mount with context of its own", "mount(8) context", SelinuxCases::context);
    add(all, "features, doctor and validate know it", "features.md", SelinuxCases::told);
    return all;
  }

  private static void add(List<Case> cases, String name, String source, Case.Body body) {
    cases.add(
        Case.of(
            "SELinux: " + name,
            source,
            place -> {
              String features = place.runtime("features").run().out().replaceAll("\\s", "");
              assume(
                  !features.contains("\"selinux\":{\"enabled\":false}"),
                  "this runtime was built without SELinux");
              body.run(place);
            }));
  }

  private static void label(ObjectNode config) {
    config.withObject("/process").put("selinuxLabel", LABEL);
  }

  private static String own(String text) {
    return text.replace("\0", "").strip();
  }

  private static void label(Sandbox place) {
    place.config(SelinuxCases::label);
    place.args("cat", "/proc/self/attr/current");
    equal(LABEL, own(place.run().ok().out()), "the label of the program");
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String inside = place.runtime("exec", id, "cat", "/proc/self/attr/current").run().ok().out();
    equal(LABEL, own(inside), "the label of what is executed");
  }

  private static void inUserNamespace(Sandbox place) {
    place.config(SelinuxCases::label);
    IdMapCases.ownUsers(place);
    place.args("cat", "/proc/self/attr/current");
    equal(LABEL, own(place.run().ok().out()), "the label of the program");
  }

  private static void execLabel(Sandbox place) {
    place.config(SelinuxCases::label);
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String inside =
        place
            .runtime("exec", "--process-label", OTHER, id, "cat", "/proc/self/attr/current")
            .run()
            .ok()
            .out();
    equal(OTHER, own(inside), "the label");
    Command.Outcome refused =
        place.runtime("exec", "--process-label", "system_u:system_r:none_t:s0", id, "true").run();
    that(refused.code() != 0, "a label is taken that the policy has not");
    saysLabel(place, refused);
  }

  private static void keyring(Sandbox place) {
    place.config(SelinuxCases::label);
    // /proc/keys is one of them.
    place.config(config -> config.withObject("/linux").remove("maskedPaths"));
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String keys = place.runtime("exec", id, "cat", "/proc/keys").run().ok().out();
    String ring =
        keys.lines().filter(l -> l.contains("_ses." + id)).findFirst().orElse("none in: " + keys);
    String serial = "0x" + ring.split(" ")[0];
    String label = Command.of("keyctl", "security", serial).run().ok().out();
    equal(LABEL, own(label), "the label of " + ring);
    // The label is for that one key, not for those that the program makes.
    String next = place.runtime("exec", id, "cat", "/proc/self/attr/keycreate").run().ok().out();
    equal("", own(next), "the label of further keys");
  }

  private static void unknown(Sandbox place) {
    place.config(
        config -> config.withObject("/process").put("selinuxLabel", "system_u:system_r:none_t:s0"));
    String id = place.container();
    place.args("true");
    saysLabel(place, place.runtime("run", id).run().code(1));
    place.runtime("state", id).run().code(1);
  }

  private static void saysLabel(Sandbox place, Command.Outcome refused) {
    refused.says(place.isRunc() ? "/proc/self/attr/" : "label");
  }

  private static void noNewPrivileges(Sandbox place) {
    place.config(SelinuxCases::label);
    place.config(config -> config.withObject("/process").put("noNewPrivileges", true));
    place.args("cat", "/proc/self/attr/current");
    equal(LABEL, own(place.run().ok().out()), "the label of the program");
  }

  private static void mountLabel(ObjectNode config) {
    config.withObject("/linux").put("mountLabel", FILES);
  }

  private static void mounts(Sandbox place) {
    place.config(SelinuxCases::mountLabel).args("cat", "/proc/self/mounts");
    for (String line : place.run().ok().out().lines().toList()) {
      String[] fields = line.split(" ");
      boolean made = List.of("/dev", "/dev/pts", "/dev/shm").contains(fields[1]);
      if (made) {
        contains(line, "context=\"" + FILES + "\"");
      }
      if (List.of("/proc", "/sys").contains(fields[1])) {
        that(!line.contains("context="), "procfs and sysfs label their own: " + line);
      }
    }
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String root = "/proc/" + NamespaceCases.pid(place, id) + "/root";
    for (String path : List.of("/dev", "/dev/null", "/dev/shm", "/dev/pts")) {
      equal(FILES, seen(root + path), "the label of " + path);
    }
  }

  private static String seen(String path) {
    return own(Command.of("stat", "-c", "%C", path).run().ok().out());
  }

  private static void queues(Sandbox place) {
    place.config(SelinuxCases::mountLabel);
    String id = LifecycleCases.running(place.args("sleep", "100"));
    String root = "/proc/" + NamespaceCases.pid(place, id) + "/root";
    equal(FILES, seen(root + "/dev/mqueue"), "the label of /dev/mqueue");
  }

  private static void unknownMount(Sandbox place) {
    place.config(
        config -> config.withObject("/linux").put("mountLabel", "system_u:object_r:none_t:s0"));
    String id = place.container();
    place.args("true");
    place.runtime("run", id).run().code(1);
    place.runtime("state", id).run().code(1);
  }

  private static void context(Sandbox place) {
    place
        .config(config ->
            Sandbox.mount(
                config, "/data", "tmpfs", "tmpfs", "rootcontext=\"" + FILES + "\"", "mode=755"))
        .args("sleep", "100");
    String id = LifecycleCases.running(place);
    String root = "/proc/" + NamespaceCases.pid(place, id) + "/root";
    equal(FILES, seen(root + "/data"), "the label of /data");
  }

  private static void told(Sandbox place) {
    contains(
        place.runtime("features").run().ok().out().replaceAll("\\s", ""),
        "\"selinux\":{\"enabled\":true}");
    assume(!place.isRunc(), "runc has neither doctor nor validate");
    contains(place.runtime("doctor").run().all(), "selinux");
    place.config(SelinuxCases::label).config(SelinuxCases::mountLabel);
    Command.Outcome outcome = place.runtime("validate", place.bundle().toString()).run().ok();
    that(!outcome.all().contains("SELinux"), "validate finds fault: " + outcome.all());
  }
}

package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What only a machine allows whose root has every right. */
final class PrivilegeCases {
  private PrivilegeCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("every capability", "config.md Process capabilities", PrivilegeCases::everything),
        Case.of("resource limits are raised", "config.md Process rlimits", PrivilegeCases::raised),
        Case.of("an oom score below the caller's", "config.md oomScoreAdj", PrivilegeCases::score),
        Case.of("an AppArmor profile", "config.md apparmorProfile", PrivilegeCases::appArmor));
  }

  private static void everything(Sandbox place) throws IOException {
    String own = Files.readString(Path.of("/proc/self/status"));
    String all = field(own, "CapBnd:");
    assume(all.equals("000001ffffffffff"), "this machine's root has not every right: " + all);
    place.config(config -> {
      for (String set : List.of("bounding", "effective", "permitted")) {
        ArrayNode names = config.withObject("/process/capabilities").putArray(set);
        for (String name : ALL.split(" ")) {
          names.add("CAP_" + name);
        }
      }
    });
    String inside = place.args("cat", "/proc/self/status").run().ok().out();
    for (String set : List.of("CapBnd:", "CapEff:", "CapPrm:")) {
      equal(all, field(inside, set), set);
    }
  }

  private static final String ALL =
      "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE"
          + " NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE"
          + " SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE"
          + " SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE"
          + " MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE";

  private static String field(String status, String name) {
    int at = status.indexOf(name) + name.length();
    return status.substring(at, status.indexOf('\n', at)).strip();
  }

  private static void raised(Sandbox place) {
    place.config(config -> {
      ArrayNode limits = config.withObject("/process").putArray("rlimits");
      limits.addObject().put("type", "RLIMIT_NOFILE").put("hard", 1000000).put("soft", 900000);
      limits.addObject().put("type", "RLIMIT_MEMLOCK").put("hard", 1L << 40).put("soft", 1L << 40);
    });
    Command.Outcome outcome = place.args("cat", "/proc/self/limits").run();
    assume(
        outcome.code() == 0 || !outcome.all().contains("not permitted"),
        "this machine's root may raise no limit");
    String limits = outcome.ok().out().replaceAll(" +", " ");
    contains(limits, "Max open files 900000 1000000 files");
    contains(limits, "Max locked memory 1099511627776 1099511627776 bytes");
  }

  private static final String PROFILE =
      """
      profile conformance-test flags=(attach_disconnected) {
        capability,
        file,
        network,
        mount,
        umount,
        pivot_root,
        signal,
        unix,
        deny /**/passwd r,
        deny /etc/passwd r,
      }
      """;

  private static void appArmor(Sandbox place) throws IOException {
    assume(
        Files.exists(Path.of("/sys/kernel/security/apparmor/profiles")),
        "this kernel has no AppArmor");
    String features = place.runtime("features").run().ok().out();
    assume(
        !features.replaceAll("\\s", "").contains("\"apparmor\":{\"enabled\":false}"),
        "this runtime was built without AppArmor");
    Path profile = place.folder().resolve("profile");
    Files.writeString(profile, PROFILE);
    Command.of("apparmor_parser", "--replace", profile.toString()).run().ok();
    place.config(
        config -> config.withObject("/process").put("apparmorProfile", "conformance-test"));
    String script = "cat /proc/self/attr/current; cat /etc/passwd || echo refused";
    String out = place.script(script).run().ok().out();
    contains(out, "conformance-test (enforce)");
    contains(out, "refused");
    String id = LifecycleCases.running(place.args("sleep", "100"));
    contains(
        place.runtime("exec", id, "cat", "/proc/self/attr/current").run().ok().out(),
        "conformance-test (enforce)");
  }

  private static void score(Sandbox place) throws IOException {
    place.config(config -> config.withObject("/process").put("oomScoreAdj", -700));
    Command.Outcome outcome = place.args("cat", "/proc/self/oom_score_adj").run();
    assume(
        outcome.code() == 0 || !outcome.all().contains("permission denied"),
        "this machine's root may lower no score");
    equal("-700\n", outcome.ok().out(), "the score");
  }
}

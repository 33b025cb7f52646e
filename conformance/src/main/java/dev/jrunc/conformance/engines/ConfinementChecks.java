package dev.jrunc.conformance.engines;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a container may have and do: asked of every engine. */
final class ConfinementChecks {
  private static final int KILLED = 137;
  private static final int CHOWN = 0;
  private static final int SYS_ADMIN = 21;
  private static final long LIMIT = 32L << 20;

  private ConfinementChecks() {}

  static List<Check<Engine>> all() {
    return List.of(
        new Check<>("a memory limit is set", ConfinementChecks::memory),
        new Check<>("more memory than that ends the program with 137", ConfinementChecks::tooMuch),
        new Check<>("a limit of processor time is set", ConfinementChecks::processors),
        new Check<>("a read-only root file system", ConfinementChecks::readOnly),
        new Check<>("bind mounts, to write and to read only", ConfinementChecks::binds),
        new Check<>("a bind mount of nothing is refused by name", ConfinementChecks::bindNothing),
        new Check<>("capabilities are dropped and added", ConfinementChecks::capabilities),
        new Check<>("no new privileges", ConfinementChecks::noNewPrivileges),
        new Check<>("the engine's seccomp profile holds", ConfinementChecks::defaultSeccomp),
        new Check<>("a seccomp profile of one's own holds", ConfinementChecks::ownSeccomp),
        new Check<>("a device is given", ConfinementChecks::device),
        new Check<>("the kernel's files are masked or read-only", ConfinementChecks::masked),
        new Check<>("loopback alone, and up", ConfinementChecks::loopback),
        new Check<>("the host's network", ConfinementChecks::hostNetwork),
        new Check<>("another container's network", ConfinementChecks::networkOfOther));
  }

  private static int pid(Place<Engine> place, Option... options) {
    return place.engine().pid(place.waiting(options));
  }

  private static void memory(Place<Engine> place) throws Exception {
    int pid = pid(place, new Option.Memory(LIMIT));
    equal(
        String.valueOf(LIMIT),
        Groups.read(pid, "memory", "memory.limit_in_bytes"),
        "memory.limit_in_bytes");
  }

  private static void tooMuch(Place<Engine> place) {
    String greedy = "x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo survived";
    Outcome outcome =
        place.script(
            List.of(new Option.Memory(LIMIT)), "exec sh -c \"" + greedy.replace("$", "\\$") + "\"");
    outcome.code(KILLED);
  }

  private static void processors(Place<Engine> place) throws Exception {
    int pid = pid(place, new Option.Processors(50));
    equal("50000", Groups.read(pid, "cpu", "cpu.cfs_quota_us"), "cpu.cfs_quota_us");
  }

  private static void readOnly(Place<Engine> place) {
    String script = "touch /x || echo refused";
    place.script(List.of(new Option.ReadOnly()), script).says("Read-only").says("refused");
    equal("", place.script(List.of(), script).ok().out(), "without");
  }

  private static void binds(Place<Engine> place) throws Exception {
    Path folder = Files.createDirectory(place.folder().resolve("data"));
    Files.writeString(folder.resolve("in"), "from outside\n");
    String script = "cat /data/in; touch /data/out";
    Outcome readOnly = place.script(List.of(new Option.Bind(folder, "/data", false)), script);
    equal("from outside\n", readOnly.out(), "what is in it");
    contains(readOnly.code(1).err(), "Read-only file system");
    place.script(List.of(new Option.Bind(folder, "/data", true)), script).ok();
    that(Files.exists(folder.resolve("out")), "nothing was written");
  }

  private static void bindNothing(Place<Engine> place) {
    Path nothing = place.folder().resolve("nothing");
    // Docker would make the source of -v, but not that of --mount.
    Option bind =
        place.engine() instanceof Docker
            ? Option.Words.of("--mount", "type=bind,source=" + nothing + ",target=/data")
            : new Option.Bind(nothing, "/data", true);
    Outcome outcome = place.script(List.of(bind), "true");
    that(outcome.code() != 0, "ended well");
    outcome.says(nothing.toString());
  }

  private static void capabilities(Place<Engine> place) throws Exception {
    String usual = Processes.status(pid(place), "CapEff");
    that(Processes.has(usual, CHOWN), "CAP_CHOWN is not in " + usual);
    that(!Processes.has(usual, SYS_ADMIN), "CAP_SYS_ADMIN is in " + usual);
    int pid =
        pid(
            place,
            new Option.DropCapability("CAP_CHOWN"),
            new Option.AddCapability("CAP_SYS_ADMIN"));
    for (String set : List.of("CapEff", "CapPrm", "CapBnd")) {
      String changed = Processes.status(pid, set);
      that(!Processes.has(changed, CHOWN), "CAP_CHOWN is in " + set + " " + changed);
      that(Processes.has(changed, SYS_ADMIN), "CAP_SYS_ADMIN is not in " + set + " " + changed);
    }
  }

  private static void noNewPrivileges(Place<Engine> place) throws Exception {
    equal(
        "1",
        Processes.status(pid(place, new Option.NoNewPrivileges()), "NoNewPrivs"),
        "NoNewPrivs");
  }

  private static void defaultSeccomp(Place<Engine> place) throws Exception {
    equal("2", Processes.status(pid(place, new Option.DefaultSeccomp()), "Seccomp"), "Seccomp");
    List<Option> options = List.of(new Option.DefaultSeccomp());
    // Podman's lets everyone make them.
    if (!(place.engine() instanceof Podman)) {
      place.script(options, "unshare -U true").code(1).says("Operation not permitted");
    }
  }

  private static void ownSeccomp(Place<Engine> place) throws Exception {
    Path profile =
        Files.writeString(
            place.folder().resolve("profile.json"),
            """
            {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
             "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}
            """);
    List<Option> options = List.of(new Option.Seccomp(profile));
    place.script(options, "touch /tmp/x && mkdir /tmp/y").code(1).says("No space left on device");
  }

  private static void device(Place<Engine> place) {
    String script = "test -c /dev/fuse && stat -c %t:%T /dev/fuse && : <>/dev/fuse && echo opened";
    Outcome with = place.script(List.of(new Option.Device("/dev/fuse")), script).ok();
    equal("a:e5\nopened\n", with.out(), "the device");
    equal("", place.script(List.of(), script).code(1).out(), "without");
  }

  private static void masked(Place<Engine> place) throws Exception {
    that(!Files.readString(Path.of("/proc/keys")).isEmpty(), "the host has no keys to hide");
    String script =
        "cat /proc/keys /proc/kcore /proc/timer_list 2>/dev/null | wc -c; mkdir /sys/x;"
            + " echo 0 >/proc/sys/vm/overcommit_memory";
    Outcome outcome = place.script(List.of(), script).code(1);
    equal("0\n", outcome.out(), "the size of what must be masked");
    outcome.says("mkdir: can't create directory '/sys/x': ");
    outcome.says("can't create /proc/sys/vm/overcommit_memory: Read-only file system");
  }

  private static void loopback(Place<Engine> place) {
    String said = place.script(List.of(), "ip -o link").ok().out();
    equal(1L, said.lines().count(), "the number of links");
    contains(said, "LOOPBACK,UP");
  }

  private static void hostNetwork(Place<Engine> place) throws Exception {
    equal(
        Processes.namespace(Processes.self(), "net"),
        Processes.namespace(pid(place, new Option.HostNetwork()), "net"),
        "the network namespace");
  }

  private static void networkOfOther(Place<Engine> place) throws Exception {
    String first = place.waiting();
    equal(
        Processes.namespace(place.engine().pid(first), "net"),
        Processes.namespace(pid(place, new Option.NetworkOf(first)), "net"),
        "the network namespace");
  }
}

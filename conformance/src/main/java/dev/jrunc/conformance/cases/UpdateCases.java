package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changing the limits of a container that is there: every flag, and the order of writes. */
final class UpdateCases {
  private static final String MEMORY = "memory/memory.limit_in_bytes";
  private static final String SWAP = "memory/memory.memsw.limit_in_bytes";
  private static final int M = 1 << 20;

  private UpdateCases() {}

  static List<Case> all() {
    List<Case> all = new ArrayList<>();
    all.add(flag("--memory", "48M", MEMORY, "50331648"));
    all.add(flag("--memory-reservation", "20971520", "memory/memory.soft_limit_in_bytes", null));
    all.add(flag("--memory-swap", "100M", SWAP, "104857600"));
    all.add(flag("--cpu-share", "200", "cpu/cpu.shares", null));
    all.add(flag("--cpu-period", "80000", "cpu/cpu.cfs_period_us", null));
    all.add(flag("--cpu-quota", "30000", "cpu/cpu.cfs_quota_us", null));
    all.add(flag("--cpu-quota", "-1", "cpu/cpu.cfs_quota_us", null));
    all.add(flag("--cpuset-cpus", "0", "cpuset/cpuset.cpus", null));
    all.add(flag("--cpuset-mems", "0", "cpuset/cpuset.mems", null));
    all.add(flag("--pids-limit", "7", "pids/pids.max", null));
    all.add(flag("--pids-limit", "-1", "pids/pids.max", "max"));
    all.add(newer("--cpu-burst", "1000", "cpu/cpu.cfs_burst_us"));
    all.add(newer("--cpu-idle", "1", "cpu/cpu.idle"));
    all.add(Case.of("update --blkio-weight", "runc update", UpdateCases::blockIo));
    all.add(Case.of("update --cpu-rt-runtime and -period", "runc update", UpdateCases::realtime));
    all.add(Case.of("update ignores kernel memory", "runc update", UpdateCases::kernelMemory));
    all.add(Case.of("update -r takes a file", "runc update", UpdateCases::file));
    all.add(Case.of("update -r - takes standard input", "runc update", UpdateCases::input));
    all.add(Case.of("update raises memory and swap at once", "runc update", UpdateCases::raise));
    all.add(Case.of("update lowers memory and swap at once", "runc update", UpdateCases::lower));
    all.add(Case.of("update lifts memory and with it swap", "runc update", UpdateCases::lift));
    all.add(Case.of("update of swap below memory fails", "runc update", UpdateCases::swapBelow));
    all.add(Case.of("update below what is in use fails", "runc update", UpdateCases::inUse));
    all.add(Case.of("update reads shares back", "runc update", UpdateCases::sharesReadBack));
    all.add(Case.of("update keeps the other limits", "runc update", UpdateCases::others));
    all.add(Case.of("update of period keeps the quota", "runc update", UpdateCases::period));
    all.add(
        Case.of("update of a created and a paused container", "runc update", UpdateCases::states));
    all.add(Case.of("update of a stopped container fails", "runc update", UpdateCases::stopped));
    all.add(Case.of("update refuses what is no number", "runc update", UpdateCases::noNumber));
    all.add(Case.of("update refuses what is no JSON", "runc update", UpdateCases::noJson));
    all.add(Case.of("update without resctrl refuses schemas", "runc update", UpdateCases::resctrl));
    all.add(Case.of("update goes back where one limit fails", "runc update", UpdateCases::goBack));
    return all;
  }

  private static Case flag(String flag, String value, String file, @Nullable String shown) {
    return Case.of(
        "update " + flag + " " + value,
        "runc update",
        place -> {
          String id = limited(place);
          update(place, flag, value, id).ok();
          equal(shown == null ? value : shown, read(id, file), file);
        });
  }

  private static Case newer(String flag, String value, String file) {
    return Case.of(
        "update " + flag,
        "runc update",
        place -> {
          assume(!place.isRunc(), "runc 1.1.5 has no " + flag);
          assume(Files.exists(Path.of("/sys/fs/cgroup", file)), "this kernel has no " + file);
          String id = limited(place);
          update(place, flag, value, id).ok();
          equal(value, read(id, file), file);
        });
  }

  /** 32 MB, with swap 64 MB, 20 processes, shares 100, half a processor. */
  private static String limited(Sandbox place) {
    assume(Files.exists(Path.of("/sys/fs/cgroup", MEMORY)), "no cgroup v1 on this machine");
    place.config(config -> {
      ObjectNode resources = config.withObject("/linux/resources");
      resources.putObject("memory").put("limit", 32 * M).put("swap", 64 * M);
      resources.putObject("pids").put("limit", 20);
      resources.putObject("cpu").put("shares", 100).put("quota", 50000).put("period", 100000);
    });
    return LifecycleCases.running(place);
  }

  private static Command.Outcome update(Sandbox place, String... words) {
    List<String> all = new ArrayList<>(List.of("update"));
    all.addAll(List.of(words));
    return place.runtime(all.toArray(new String[0])).run();
  }

  private static String read(String id, String file) {
    try {
      return Files.readString(path(id, file)).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path path(String id, String file) {
    int slash = file.indexOf('/');
    String controller = file.substring(0, slash);
    try {
      String own = "";
      for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
        String[] fields = line.split(":", 3);
        if (List.of(fields[1].split(",")).contains(controller)) {
          own = fields[2];
        }
      }
      return Path.of("/sys/fs/cgroup/" + controller + own, id, file.substring(slash + 1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void blockIo(Sandbox place) {
    String id = limited(place);
    String file = null;
    for (String name : List.of("blkio/blkio.weight", "blkio/blkio.bfq.weight")) {
      file = Files.exists(path(id, name)) ? name : file;
    }
    assume(file != null, "this kernel has no weights of block I/O");
    update(place, "--blkio-weight", "500", id).ok();
    equal("500", read(id, String.valueOf(file)), "the weight");
  }

  private static void realtime(Sandbox place) {
    assume(
        Files.exists(Path.of("/sys/fs/cgroup/cpu/cpu.rt_runtime_us")),
        "this kernel has no real-time groups");
    String id = limited(place);
    Command.Outcome outcome =
        update(place, "--cpu-rt-period", "900000", "--cpu-rt-runtime", "1000", id);
    // The group above must have a real-time share of its own to hand on.
    assume(outcome.code() == 0, "the group above has no real-time share");
    equal("900000", read(id, "cpu/cpu.rt_period_us"), "the period");
    equal("1000", read(id, "cpu/cpu.rt_runtime_us"), "the runtime");
  }

  private static void kernelMemory(Sandbox place) {
    String id = limited(place);
    update(place, "--kernel-memory", "10M", "--kernel-memory-tcp", "10M", id).ok();
    equal("" + 32 * M, read(id, MEMORY), "the memory");
  }

  private static final String JSON =
      "{\"memory\":{\"limit\":41943040,\"reservation\":20971520},\"cpu\":{\"shares\":300,"
          + "\"quota\":60000,\"period\":120000,\"cpus\":\"0\"},\"pids\":{\"limit\":11}}";

  private static void check(String id) {
    equal("41943040", read(id, MEMORY), "the memory");
    equal("20971520", read(id, "memory/memory.soft_limit_in_bytes"), "the reservation");
    equal("300", read(id, "cpu/cpu.shares"), "the shares");
    equal("60000", read(id, "cpu/cpu.cfs_quota_us"), "the quota");
    equal("120000", read(id, "cpu/cpu.cfs_period_us"), "the period");
    equal("0", read(id, "cpuset/cpuset.cpus"), "the processors");
    equal("11", read(id, "pids/pids.max"), "the processes");
  }

  private static void file(Sandbox place) throws IOException {
    String id = limited(place);
    Path file = place.folder().resolve("resources.json");
    Files.writeString(file, JSON);
    // Other flags are then ignored.
    update(place, "--resources", file.toString(), "--pids-limit", "3", id).ok();
    check(id);
  }

  private static void input(Sandbox place) {
    String id = limited(place);
    place.runtime("update", "-r", "-", id).input(JSON).run().ok();
    check(id);
  }

  private static void both(Sandbox place, String id, int memory, int swap) {
    update(place, "--memory", memory + "M", "--memory-swap", swap + "M", id).ok();
    equal("" + (long) memory * M, read(id, MEMORY), "the memory");
    equal("" + (long) swap * M, read(id, SWAP), "memory and swap");
  }

  private static void raise(Sandbox place) {
    String id = limited(place);
    both(place, id, 48, 56);
    // Above the old memory+swap: that must go first.
    both(place, id, 96, 128);
    both(place, id, 256, 256);
  }

  private static void lower(Sandbox place) {
    String id = limited(place);
    both(place, id, 256, 512);
    // Memory+swap below the old memory: memory must go first.
    both(place, id, 64, 128);
    both(place, id, 16, 16);
  }

  private static void lift(Sandbox place) {
    String id = limited(place);
    update(place, "--memory", "-1", id).ok();
    that(read(id, MEMORY).length() > 15, "there is a memory limit: " + read(id, MEMORY));
    that(read(id, SWAP).length() > 15, "there is a swap limit: " + read(id, SWAP));
    both(place, id, 32, 64);
    update(place, "--memory-swap", "-1", id).ok();
    equal("" + 32 * M, read(id, MEMORY), "the memory");
    that(read(id, SWAP).length() > 15, "there is a swap limit: " + read(id, SWAP));
  }

  private static void swapBelow(Sandbox place) {
    String id = limited(place);
    update(place, "--memory-swap", "16M", id).code(1);
    equal("" + 64 * M, read(id, SWAP), "memory and swap");
  }

  private static void inUse(Sandbox place) {
    place.config(Writable::root);
    place.script("exec 3< /bin/busybox; dd if=/dev/zero of=/dev/null bs=1M & sleep 100");
    String id = limited(place);
    LifecycleCases.pause(300);
    update(place, "--memory", "4k", id).code(1).says("unable to set memory limit to 4096");
    equal("" + 32 * M, read(id, MEMORY), "the memory");
  }

  private static void sharesReadBack(Sandbox place) {
    String id = limited(place);
    update(place, "--cpu-share", "1", id).code(1).says("the minimum allowed cpu-shares is 2");
    update(place, "--cpu-share", "999999", id)
        .code(1)
        .says("the maximum allowed cpu-shares is 262144");
  }

  private static void others(Sandbox place) {
    String id = limited(place);
    update(place, "--pids-limit", "9", id).ok();
    update(place, "--cpu-share", "150", id).ok();
    equal("9", read(id, "pids/pids.max"), "the processes");
    equal("" + 32 * M, read(id, MEMORY), "the memory");
    equal("" + 64 * M, read(id, SWAP), "memory and swap");
    equal("50000", read(id, "cpu/cpu.cfs_quota_us"), "the quota");
  }

  private static void period(Sandbox place) {
    String id = limited(place);
    update(place, "--cpu-period", "90000", id).ok();
    equal("50000", read(id, "cpu/cpu.cfs_quota_us"), "the quota");
    update(place, "--cpu-quota", "20000", id).ok();
    equal("90000", read(id, "cpu/cpu.cfs_period_us"), "the period");
  }

  private static void states(Sandbox place) {
    String id = LifecycleCases.created(place.args("sleep", "100"));
    update(place, "--pids-limit", "13", id).ok();
    equal("13", read(id, "pids/pids.max"), "the processes");
    place.runtime("start", id).run().ok();
    place.runtime("pause", id).run().ok();
    update(place, "--pids-limit", "14", id).ok();
    equal("14", read(id, "pids/pids.max"), "the processes");
    equal("paused", LifecycleCases.status(place, id), "the status");
  }

  private static void stopped(Sandbox place) {
    String id = limited(place);
    place.runtime("kill", id, "KILL").run().ok();
    LifecycleCases.awaitStopped(place, id);
    update(place, "--pids-limit", "14", id).code(1).says("container not running");
    update(place, "--pids-limit", "14", "never-there").code(1).says("container does not exist");
  }

  private static void noNumber(Sandbox place) {
    String id = limited(place);
    update(place, "--cpu-share", "many", id).code(1).says("invalid value for cpu-share");
    update(place, "--cpu-quota", "1.5", id).code(1).says("invalid value for cpu-quota");
    update(place, "--memory", "12x", id).code(1).says("invalid value for memory");
    equal("100", read(id, "cpu/cpu.shares"), "the shares");
  }

  private static void noJson(Sandbox place) {
    String id = limited(place);
    place.runtime("update", "-r", "-", id).input("{\"memory\":").run().code(1);
    place.runtime("update", "-r", "-", id).input("{\"memory\":{\"limit\":\"a\"}}").run().code(1);
    place.runtime("update", "-r", "/never/there", id).run().code(1).says("no such file");
  }

  private static void resctrl(Sandbox place) {
    assume(!Files.exists(Path.of("/sys/fs/resctrl/schemata")), "this machine has resctrl");
    String id = limited(place);
    update(place, "--l3-cache-schema", "L3:0=f", id).code(1).says("l3 cache schema");
    update(place, "--mem-bw-schema", "MB:0=20", id).code(1).says("memory bandwidth schema");
  }

  private static void goBack(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 goes back to the new limits");
    String id = limited(place);
    update(place, "--memory", "40M", "--memory-swap", "80M", "--cpu-quota", "1", id).code(1);
    equal("" + 32 * M, read(id, MEMORY), "the memory");
    equal("" + 64 * M, read(id, SWAP), "memory and swap");
    update(place, "--cpu-share", "150", id).ok();
    equal("50000", read(id, "cpu/cpu.cfs_quota_us"), "the quota");
  }
}

package dev.jrunc.runtime.doctor;

import dev.jrunc.runtime.cgroup.CgroupHost;
import dev.jrunc.runtime.cgroup.CgroupLayout;
import dev.jrunc.runtime.cgroup.Hierarchy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A host that has everything, from which a test takes one thing away. */
final class FakeHost implements Host {
  private static final String BELOW = "/sys/fs/cgroup/user.slice";

  final Map<String, String> texts = new HashMap<>();
  final Map<String, String> variables = new HashMap<>();

  /** Paths that are missing or out of reach. */
  final Set<String> without = new HashSet<>();

  /** Paths that are there and may not be opened. */
  final Set<String> closed = new HashSet<>();

  @Nullable CgroupHost cgroups =
      new CgroupHost(
          CgroupLayout.V2,
          List.of(new Hierarchy(List.of(""), "/sys/fs/cgroup", "/user.slice/own")));

  boolean resctrl = true;

  private final long uid;

  FakeHost(long uid) {
    this.uid = uid;
    texts.put("/proc/sys/kernel/osrelease", "6.1.0-13-amd64");
    texts.put("/proc/filesystems", "nodev\tproc\nnodev\toverlay\n\text4");
    texts.put("/proc/sys/user/max_user_namespaces", "15000");
    texts.put("/proc/sys/kernel/cap_last_cap", "40");
    texts.put("/proc/self/status", "Name:\tjrunc\nCapEff:\t000001ffffffffff\nCapBnd:\t0\n");
    texts.put("/proc/self/uid_map", "0          0 4294967295");
    texts.put("/etc/passwd", "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh");
    texts.put("/etc/subuid", "bob:100000:65536\nann:165536:65536");
    texts.put("/etc/subgid", "1000:165536:1000");
    texts.put("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids rdma");
    texts.put(BELOW + "/cgroup.controllers", "cpuset cpu io memory pids");
    texts.put(
        "/proc/sys/kernel/seccomp/actions_avail",
        "kill_process kill_thread trap errno user_notif trace log allow");
    texts.put("/sys/module/apparmor/parameters/enabled", "Y");
    variables.put("XDG_RUNTIME_DIR", "/run/user/1000");
  }

  @Override
  public long uid() {
    return uid;
  }

  @Override
  public @Nullable String variable(String name) {
    return variables.get(name);
  }

  @Override
  public @Nullable String text(String path) {
    return without.contains(path) ? null : texts.get(path);
  }

  @Override
  public boolean exists(String path) {
    return !without.contains(path);
  }

  @Override
  public boolean mayMake(String path) {
    return without.stream().noneMatch(path::startsWith);
  }

  @Override
  public boolean mayExecute(String path) {
    return !without.contains(path);
  }

  @Override
  public boolean mayUse(String path) {
    return !without.contains(path) && !closed.contains(path);
  }

  @Override
  public @Nullable String networkProgram(String name) {
    return without.contains(name) ? null : "/usr/bin/" + name;
  }

  @Override
  public @Nullable String idMapProgram(String name) {
    return without.contains(name) ? null : "/usr/bin/" + name;
  }

  @Override
  public @Nullable CgroupHost cgroups() {
    return cgroups;
  }

  @Override
  public boolean resctrlMounted() {
    return resctrl;
  }
}

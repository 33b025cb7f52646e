package dev.jrunc.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rules of a config that hold between its fields. None of them asks the host. */
final class SpecValidator {
  private final Spec spec;
  private final Linux linux;
  private final List<Violation> alreadyFound;
  private final List<Violation> violations = new ArrayList<>();

  private SpecValidator(Spec spec, List<Violation> alreadyFound) {
    this.spec = spec;
    this.linux = spec.linux() == null ? Linux.EMPTY : spec.linux();
    this.alreadyFound = alreadyFound;
  }

  /** All violations but those at places that are known to be wrong already. */
  static List<Violation> validate(Spec spec, List<Violation> alreadyFound) {
    SpecValidator validator = new SpecValidator(spec, alreadyFound);
    validator.root();
    validator.process();
    validator.mounts();
    validator.hooks();
    validator.namespaces();
    validator.idMappings();
    validator.sysctl();
    validator.paths();
    validator.seccomp();
    validator.cgroups();
    return validator.violations;
  }

  private void add(String pointer, String message, String hint) {
    for (Violation found : alreadyFound) {
      // A value that could not be read is missing because of that.
      if (found.pointer().equals(pointer)) {
        return;
      }
    }
    violations.add(new Violation(pointer, 0, 0, message, hint));
  }

  private void root() {
    if (spec.ociVersion().isEmpty()) {
      add("/ociVersion", "ociVersion is required", "for example \"1.2.0\"");
    } else if (!isVersion(spec.ociVersion())) {
      add(
          "/ociVersion",
          "\"" + spec.ociVersion() + "\" is not a version of the specification",
          "SemVer, for example \"1.2.0\"");
    }
    Root root = spec.root();
    if (root == null) {
      add("/root", "root is required", "name the folder of the root file system in root.path");
    } else if (root.path().isEmpty()) {
      add("/root/path", "root.path is required", "");
    }
    if (isSet(spec.hostname()) && !has(NamespaceType.UTS)) {
      add("/hostname", "unable to set hostname without a private UTS namespace", needs("uts"));
    }
    if (isSet(spec.domainname()) && !has(NamespaceType.UTS)) {
      add("/domainname", "unable to set domainname without a private UTS namespace", needs("uts"));
    }
  }

  private void process() {
    Process process = spec.process();
    if (process == null) {
      add("/process", "process property must not be empty", "");
      return;
    }
    if (process.args().isEmpty()) {
      add("/process/args", "args must not be empty", "name the program to run");
    } else if (process.args().get(0).isEmpty()) {
      add("/process/args/0", "args[0] must not be empty", "name the program to run");
    }
    if (process.cwd().isEmpty()) {
      add("/process/cwd", "Cwd property must not be empty", "for example \"/\"");
    } else if (!process.cwd().startsWith("/")) {
      add("/process/cwd", "Cwd must be an absolute path", "");
    }
    for (int i = 0; i < process.env().size(); i++) {
      if (process.env().get(i).indexOf('=') < 1) {
        add("/process/env/" + i, "\"" + process.env().get(i) + "\" is not NAME=value", "");
      }
    }
    Set<String> limits = new HashSet<>();
    for (int i = 0; i < process.rlimits().size(); i++) {
      Rlimit limit = process.rlimits().get(i);
      String pointer = "/process/rlimits/" + i;
      if (limit.type().isEmpty()) {
        add(pointer + "/type", "a resource limit needs a type", "");
      } else if (!limits.add(limit.type())) {
        add(pointer, limit.type() + " is limited twice", "");
      }
      if (Long.compareUnsigned(limit.soft(), limit.hard()) > 0) {
        add(pointer + "/soft", "the soft limit is above the hard limit", "");
      }
    }
    scheduling(process);
  }

  private void scheduling(Process process) {
    Scheduler scheduler = process.scheduler();
    if (scheduler != null) {
      word(
          "/process/scheduler/policy",
          "scheduler policy",
          scheduler.policy(),
          "SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_ISO SCHED_IDLE SCHED_DEADLINE");
      for (int i = 0; i < scheduler.flags().size(); i++) {
        word(
            "/process/scheduler/flags/" + i,
            "scheduler flag",
            scheduler.flags().get(i),
            "SCHED_FLAG_RESET_ON_FORK SCHED_FLAG_RECLAIM SCHED_FLAG_DL_OVERRUN"
                + " SCHED_FLAG_KEEP_POLICY SCHED_FLAG_KEEP_PARAMS SCHED_FLAG_UTIL_CLAMP_MIN"
                + " SCHED_FLAG_UTIL_CLAMP_MAX");
      }
    }
    if (process.ioPriority() != null) {
      word(
          "/process/ioPriority/class",
          "I/O priority class",
          process.ioPriority().ioClass(),
          "IOPRIO_CLASS_RT IOPRIO_CLASS_BE IOPRIO_CLASS_IDLE");
    }
    if (linux.memoryPolicy() != null) {
      word(
          "/linux/memoryPolicy/mode",
          "memory policy",
          linux.memoryPolicy().mode(),
          "MPOL_DEFAULT MPOL_PREFERRED MPOL_BIND MPOL_INTERLEAVE MPOL_LOCAL MPOL_PREFERRED_MANY"
              + " MPOL_WEIGHTED_INTERLEAVE");
    }
  }

  private void word(String pointer, String what, String value, String known) {
    for (String candidate : known.split(" ")) {
      if (candidate.equals(value)) {
        return;
      }
    }
    String near = NearName.among(known, value);
    String hint =
        near.isEmpty() ? "one of " + known.replace(" ", ", ") : "did you mean \"" + near + "\"?";
    add(pointer, "unknown " + what + " \"" + value + "\"", hint);
  }

  private void mounts() {
    for (int i = 0; i < spec.mounts().size(); i++) {
      Mount mount = spec.mounts().get(i);
      String pointer = "/mounts/" + i;
      if (mount.destination().isEmpty()) {
        add(pointer + "/destination", "a mount needs a destination", "");
      }
      overProc(pointer, mount);
      boolean mapped = !mount.uidMappings().isEmpty() || !mount.gidMappings().isEmpty();
      if (mapped && (mount.uidMappings().isEmpty() || mount.gidMappings().isEmpty())) {
        add(pointer, "uidMappings and gidMappings of a mount go together", "");
      }
      boolean bind = mount.options().contains("bind") || mount.options().contains("rbind");
      if (mapped && !bind && !"bind".equals(mount.type())) {
        add(pointer, "id-mapped mounts are only supported for bind mounts", "");
      }
    }
  }

  // CVE-2019-16884, CVE-2023-27561: over /proc, a mount could take the place of the files that a
  // runtime writes security settings to.
  private void overProc(String pointer, Mount mount) {
    String path = ContainerPath.clean(mount.destination());
    if (path.equals("/proc")) {
      boolean procfs = "proc".equals(mount.type());
      boolean bind = mount.options().contains("bind") || mount.options().contains("rbind");
      if (!procfs && !bind) {
        add(
            pointer + "/destination",
            "\"" + mount.destination() + "\" cannot be mounted because it is not of type proc",
            "");
      }
      return;
    }
    if (!path.startsWith("/proc/")) {
      return;
    }
    switch (path.substring(6)) {
      case "cpuinfo",
          "diskstats",
          "meminfo",
          "stat",
          "swaps",
          "uptime",
          "loadavg",
          "slabinfo",
          "sys/kernel/ns_last_pid",
          "sys/crypto/fips_enabled" -> {}
      default ->
          add(
              pointer + "/destination",
              "\"" + mount.destination() + "\" cannot be mounted because it is inside /proc",
              "");
    }
  }

  private void hooks() {
    hooks("prestart", spec.hooks().prestart());
    hooks("createRuntime", spec.hooks().createRuntime());
    hooks("createContainer", spec.hooks().createContainer());
    hooks("startContainer", spec.hooks().startContainer());
    hooks("poststart", spec.hooks().poststart());
    hooks("poststop", spec.hooks().poststop());
  }

  private void hooks(String kind, List<Hook> hooks) {
    for (int i = 0; i < hooks.size(); i++) {
      String pointer = "/hooks/" + kind + "/" + i + "/path";
      if (hooks.get(i).path().isEmpty()) {
        add(pointer, "a hook needs a path", "");
      } else if (!hooks.get(i).path().startsWith("/")) {
        add(pointer, "the path of a hook must be absolute", "");
      }
    }
  }

  private void namespaces() {
    Set<NamespaceType> seen = new HashSet<>();
    for (int i = 0; i < linux.namespaces().size(); i++) {
      Namespace namespace = linux.namespaces().get(i);
      String pointer = "/linux/namespaces/" + i;
      if (!seen.add(namespace.type())) {
        add(pointer, "namespace \"" + namespace.type().wireName() + "\" is given twice", "");
      }
      String path = namespace.path();
      if (path != null && !path.startsWith("/")) {
        add(pointer + "/path", "the path of a namespace must be absolute", "");
      }
    }
    if (!linux.timeOffsets().isEmpty() && !makes(NamespaceType.TIME)) {
      add("/linux/timeOffsets", "time offsets need a new time namespace", needs("time"));
    }
    for (String clock : linux.timeOffsets().keySet()) {
      if (!clock.equals("monotonic") && !clock.equals("boottime")) {
        add(
            "/linux/timeOffsets/" + clock,
            "unknown clock \"" + clock + "\"",
            "monotonic or boottime");
      }
    }
    if (!linux.netDevices().isEmpty() && !has(NamespaceType.NETWORK)) {
      add(
          "/linux/netDevices",
          "unable to move network devices without a private NET namespace",
          needs("network"));
    }
    boolean hidden = !linux.maskedPaths().isEmpty() || !linux.readonlyPaths().isEmpty();
    if (hidden && !has(NamespaceType.MOUNT)) {
      add(
          "/linux/namespaces",
          "unable to restrict sys entries without a private MNT namespace",
          needs("mount"));
    } else if (!has(NamespaceType.MOUNT)) {
      add("/linux/namespaces", "a container needs a mount namespace", needs("mount"));
    }
  }

  private void idMappings() {
    boolean uids = !linux.uidMappings().isEmpty();
    boolean gids = !linux.gidMappings().isEmpty();
    if ((uids || gids) && !has(NamespaceType.USER)) {
      add(
          uids ? "/linux/uidMappings" : "/linux/gidMappings",
          "user namespace mappings specified, but user namespace isn't enabled in the config",
          needs("user"));
    }
    if (makes(NamespaceType.USER)) {
      if (!uids) {
        add("/linux/uidMappings", "a new user namespace needs uidMappings", "");
      }
      if (!gids) {
        add("/linux/gidMappings", "a new user namespace needs gidMappings", "");
      }
    }
    sizes("/linux/uidMappings/", linux.uidMappings());
    sizes("/linux/gidMappings/", linux.gidMappings());
  }

  private void sizes(String pointer, List<IdMapping> mappings) {
    for (int i = 0; i < mappings.size(); i++) {
      if (mappings.get(i).size() == 0) {
        add(pointer + i + "/size", "the size of an id mapping must not be 0", "");
      }
    }
  }

  private void sysctl() {
    for (Map.Entry<String, String> entry : linux.sysctl().entrySet()) {
      // The kernel takes dots and slashes for one another; so do we.
      String name = entry.getKey().replace('/', '.');
      String reason =
          SysctlRule.refusal(
              name,
              has(NamespaceType.IPC),
              has(NamespaceType.UTS),
              has(NamespaceType.NETWORK),
              has(NamespaceType.USER));
      if (!reason.isEmpty()) {
        String key = entry.getKey().replace("~", "~0").replace("/", "~1");
        add("/linux/sysctl/" + key, reason, "");
      }
    }
  }

  private void paths() {
    absolute("/linux/maskedPaths/", linux.maskedPaths());
    absolute("/linux/readonlyPaths/", linux.readonlyPaths());
    for (int i = 0; i < linux.devices().size(); i++) {
      if (!linux.devices().get(i).path().startsWith("/")) {
        add("/linux/devices/" + i + "/path", "the path of a device must be absolute", "");
      }
      if (linux.devices().get(i).type().isEmpty()) {
        add("/linux/devices/" + i + "/type", "a device needs a type", "c, b, u or p");
      }
    }
    String propagation = linux.rootfsPropagation();
    if (isSet(propagation)) {
      word(
          "/linux/rootfsPropagation",
          "root propagation",
          String.valueOf(propagation),
          "shared slave private unbindable rshared rslave rprivate runbindable");
    }
  }

  private void absolute(String pointer, List<String> paths) {
    for (int i = 0; i < paths.size(); i++) {
      if (!paths.get(i).startsWith("/")) {
        add(pointer + i, "\"" + paths.get(i) + "\" is not an absolute path", "");
      }
    }
  }

  private void seccomp() {
    Seccomp seccomp = linux.seccomp();
    if (seccomp == null) {
      return;
    }
    if (seccomp.defaultAction() == SeccompAction.NOTIFY) {
      add("/linux/seccomp/defaultAction", "SCMP_ACT_NOTIFY cannot be the default action", "");
    }
    boolean notify = false;
    for (int i = 0; i < seccomp.syscalls().size(); i++) {
      SyscallRule rule = seccomp.syscalls().get(i);
      String pointer = "/linux/seccomp/syscalls/" + i;
      if (rule.names().isEmpty()) {
        add(pointer + "/names", "a rule names at least one system call", "");
      }
      if (rule.action() == SeccompAction.NOTIFY) {
        notify = true;
        if (rule.names().contains("write")) {
          add(pointer, "SCMP_ACT_NOTIFY cannot be used for the write system call", "");
        }
      }
    }
    if (notify && !isSet(seccomp.listenerPath())) {
      add("/linux/seccomp/listenerPath", "SCMP_ACT_NOTIFY needs a listenerPath", "");
    }
  }

  private void cgroups() {
    String path = linux.cgroupsPath();
    if (path != null && ("/" + path + "/").contains("/../")) {
      add("/linux/cgroupsPath", "cgroupsPath must not contain \"..\"", "");
    }
    Resources resources = linux.resources();
    if (resources == null) {
      return;
    }
    for (String key : resources.unified().keySet()) {
      if (key.indexOf('/') >= 0 || key.isEmpty()) {
        add("/linux/resources/unified", "\"" + key + "\" is not the name of a file", "");
      }
    }
  }

  private boolean has(NamespaceType type) {
    for (Namespace namespace : linux.namespaces()) {
      if (namespace.type() == type) {
        return true;
      }
    }
    return false;
  }

  private boolean makes(NamespaceType type) {
    for (Namespace namespace : linux.namespaces()) {
      if (namespace.type() == type && namespace.path() == null) {
        return true;
      }
    }
    return false;
  }

  private static boolean isSet(@Nullable String text) {
    return text != null && !text.isEmpty();
  }

  private static boolean isVersion(String text) {
    int dots = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '-' || c == '+') {
        break;
      }
      if (c == '.') {
        dots++;
      } else if (c < '0' || c > '9') {
        return false;
      }
    }
    return dots == 2;
  }

  private static String needs(String type) {
    return "add {\"type\": \"" + type + "\"} to linux.namespaces";
  }
}

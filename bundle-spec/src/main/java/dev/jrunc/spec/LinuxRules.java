package dev.jrunc.spec;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The rules of the linux section that are about no namespace. */
final class LinuxRules {
  /** MAX_NUMNODES is 1024 where it is largest. */
  private static final int LARGEST_NODE = 1023;

  private final Linux linux;
  private final Findings found;

  private LinuxRules(Linux linux, Findings found) {
    this.linux = linux;
    this.found = found;
  }

  static void check(Linux linux, Findings found) {
    LinuxRules rules = new LinuxRules(linux, found);
    rules.absolute("/linux/maskedPaths/", linux.maskedPaths());
    rules.absolute("/linux/readonlyPaths/", linux.readonlyPaths());
    rules.devices();
    rules.cgroupsPath();
    rules.intelRdt();
    rules.memoryPolicy();
    SeccompRules.check(linux.seccomp(), found);
    Resources resources = linux.resources();
    if (resources != null) {
      ResourcesRules.check(resources, "/linux/resources", found);
    }
  }

  private void absolute(String pointer, List<String> paths) {
    for (int i = 0; i < paths.size(); i++) {
      if (!paths.get(i).startsWith("/")) {
        found.rule(pointer + i, "\"" + paths.get(i) + "\" is not an absolute path", "");
      }
    }
  }

  private void devices() {
    Set<String> paths = new HashSet<>();
    for (int i = 0; i < linux.devices().size(); i++) {
      String path = linux.devices().get(i).path();
      String pointer = "/linux/devices/" + i + "/path";
      if (!path.startsWith("/")) {
        found.rule(pointer, "the path \"" + path + "\" of a device is not absolute", "");
      } else if (!paths.add(ContainerPath.clean(path))) {
        found.remark(pointer, "\"" + path + "\" is given twice; the first one is made", "");
      }
    }
  }

  private void cgroupsPath() {
    String path = linux.cgroupsPath();
    if (path != null && ("/" + path + "/").contains("/../")) {
      found.rule("/linux/cgroupsPath", "cgroupsPath must not contain \"..\"", "");
    }
  }

  // The id becomes the name of a folder in resctrl; "/" alone is the root of it.
  private void intelRdt() {
    IntelRdt rdt = linux.intelRdt();
    String id = rdt == null ? null : rdt.closId();
    if (id != null
        && (id.equals(".") || id.equals("..") || (id.length() > 1 && id.indexOf('/') >= 0))) {
      found.rule("/linux/intelRdt/closID", "invalid intelRdt.ClosID \"" + id + "\"", "");
    }
  }

  // set_mempolicy(2): which modes must, may and must not be given nodes.
  private void memoryPolicy() {
    MemoryPolicy policy = linux.memoryPolicy();
    if (policy == null) {
      return;
    }
    boolean nodes = policy.nodes() != null;
    if (policy.nodes() != null && !namesNodes(policy.nodes())) {
      found.rule(
          "/linux/memoryPolicy/nodes",
          "invalid memory policy node in \"" + policy.nodes() + "\"",
          "such as 0-1,3; Linux counts them up to " + LARGEST_NODE);
    }
    switch (policy.mode()) {
      case "" -> {
        String missing = "invalid memory policy mode: it is required";
        found.rule("/linux/memoryPolicy/mode", missing, "one of " + MemoryPolicy.MODES);
      }
      case "MPOL_DEFAULT", "MPOL_LOCAL" -> {
        int count = policy.nodes() == null ? 0 : count(policy.nodes());
        if (count > 0) {
          found.rule(
              "/linux/memoryPolicy/nodes",
              "memory policy mode requires 0 nodes but got " + count,
              "MPOL_BIND and MPOL_PREFERRED take some, " + policy.mode() + " none");
        }
      }
      case "MPOL_PREFERRED" -> {}
      default -> {
        if (!nodes) {
          found.rule(
              "/linux/memoryPolicy/nodes",
              "memory policy mode requires at least one node but got 0",
              "such as 0-1,3 for " + policy.mode());
        }
      }
    }
  }

  /** How many nodes a list names; 0 where it is not valid, which is said elsewhere. */
  private static int count(String list) {
    if (!namesNodes(list)) {
      return 0;
    }
    boolean[] named = new boolean[LARGEST_NODE + 1];
    int count = 0;
    for (String range : Separated.by(',', list)) {
      int dash = range.indexOf('-');
      int first = node(dash < 0 ? range : range.substring(0, dash));
      int last = dash < 0 ? first : node(range.substring(dash + 1));
      for (int i = first; i <= last; i++) {
        count += named[i] ? 0 : 1;
        named[i] = true;
      }
    }
    return count;
  }

  // The kernel's form of a list, with blanks around its numbers as runc takes them.
  private static boolean namesNodes(String list) {
    for (String range : Separated.by(',', list)) {
      int dash = range.indexOf('-');
      int first = node(dash < 0 ? range : range.substring(0, dash));
      int last = dash < 0 ? first : node(range.substring(dash + 1));
      if (first < 0 || last < first) {
        return false;
      }
    }
    return true;
  }

  private static int node(String text) {
    String digits = text.trim();
    boolean fits = !digits.isEmpty() && digits.length() <= 4;
    for (int i = 0; fits && i < digits.length(); i++) {
      fits = digits.charAt(i) >= '0' && digits.charAt(i) <= '9';
    }
    return !fits || Integer.parseInt(digits) > LARGEST_NODE ? -1 : Integer.parseInt(digits);
  }
}

package dev.jrunc.runtime.cgroup;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Separated;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Groups below a container's own, as {@code exec --cgroup} names them: one path for all
 * hierarchies, or on v1 {@code CONTROLLER[,CONTROLLER...]:PATH}, as often as needed.
 */
public final class SubGroups {
  private SubGroups() {}

  /** The groups to enter; a controller that is not named stays with the container's own group. */
  public static CgroupPaths of(CgroupPaths paths, List<String> arguments) {
    Map<String, String> below = parse(arguments);
    Map<String, String> directories = new LinkedHashMap<>(paths.byController());
    String everywhere = below.get("");
    for (Map.Entry<String, String> entry : below.entrySet()) {
      String base = directories.get(entry.getKey());
      if (everywhere == null && base == null) {
        throw usage("unknown controller " + entry.getKey() + " in SubCgroupPaths");
      }
    }
    for (Map.Entry<String, String> entry : directories.entrySet()) {
      String sub = everywhere == null ? below.get(entry.getKey()) : everywhere;
      if (sub != null) {
        entry.setValue(joined(entry.getValue(), sub));
      }
    }
    return new CgroupPaths(directories);
  }

  private static Map<String, String> parse(List<String> arguments) {
    Map<String, String> below = new LinkedHashMap<>();
    for (String argument : arguments) {
      int colon = argument.indexOf(':');
      if (colon < 0 && arguments.size() > 1) {
        throw usage("invalid --cgroup argument: " + argument + " (missing <controller>: prefix)");
      }
      if (colon < 0) {
        below.put("", argument);
        continue;
      }
      for (String controller : Separated.by(',', argument.substring(0, colon))) {
        if (controller.isEmpty()) {
          throw usage("invalid --cgroup argument: " + argument + " (empty <controller> prefix)");
        }
        if (below.put(controller, argument.substring(colon + 1)) != null) {
          throw usage(
              "invalid --cgroup argument(s): controller "
                  + controller
                  + " specified multiple times");
        }
      }
    }
    return below;
  }

  // No way up: what is above is not the container's.
  private static String joined(String base, String sub) {
    StringBuilder path = new StringBuilder(base);
    for (String name : Separated.by('/', sub)) {
      if (name.equals("..")) {
        throw usage("bad sub cgroup path: " + sub + " is not a sub cgroup path");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        path.append('/').append(name);
      }
    }
    return path.toString();
  }

  private static Failure usage(String message) {
    return Failure.of(Failure.Code.USAGE, message)
        .phase("cgroup")
        .hint("--cgroup PATH, or on cgroup v1 --cgroup CONTROLLER:PATH")
        .build();
  }
}

package dev.jrunc.runtime.cgroup;

import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a container's groups are.
 *
 * @param byController absolute directory of each controller; the empty name is the unified
 *     hierarchy, alone on v2. This is runc's {@code cgroup_paths} of state.json
 */
public record CgroupPaths(Map<String, String> byController) {
  private static final String POINTER = "/linux/cgroupsPath";

  public CgroupPaths {
    byController = Collections.unmodifiableMap(new LinkedHashMap<>(byController));
  }

  /**
   * The rules of runc's cgroupfs driver: an absolute path counts from the root of each hierarchy, a
   * relative one (or, without a path, the container's id) from this process's own group. On v2 it
   * counts from the parent of that, because a group with processes can have no limited children.
   */
  public static CgroupPaths of(CgroupHost host, @Nullable String cgroupsPath, String containerId) {
    String path = cgroupsPath == null || cgroupsPath.isEmpty() ? containerId : cgroupsPath;
    boolean absolute = path.startsWith("/");
    String inner = clean(path);
    Map<String, String> directories = new LinkedHashMap<>();
    for (Hierarchy hierarchy : host.hierarchies()) {
      String own =
          host.layout() == CgroupLayout.V2 ? parent(hierarchy.ownPath()) : hierarchy.ownPath();
      String base = absolute || own.equals("/") ? "" : own;
      String directory = hierarchy.directory(base + inner);
      for (String controller : hierarchy.controllers()) {
        directories.put(controller, directory);
      }
    }
    return new CgroupPaths(directories);
  }

  /** The same path below the root of every hierarchy; it begins with a slash. */
  public static CgroupPaths at(CgroupHost host, String path) {
    Map<String, String> directories = new LinkedHashMap<>();
    for (Hierarchy hierarchy : host.hierarchies()) {
      for (String controller : hierarchy.controllers()) {
        directories.put(controller, hierarchy.directory(clean(path)));
      }
    }
    return new CgroupPaths(directories);
  }

  /** Whether the unified hierarchy is the only one. */
  public CgroupLayout layout() {
    return byController.size() == 1 && byController.containsKey(CgroupHost.UNIFIED)
        ? CgroupLayout.V2
        : CgroupLayout.V1;
  }

  /** The directory of {@code controller}; on v2 the one directory; null if it is not mounted. */
  public @Nullable String directory(String controller) {
    return byController.get(layout() == CgroupLayout.V2 ? CgroupHost.UNIFIED : controller);
  }

  /** Each directory once: controllers may share a hierarchy. */
  public List<String> directories() {
    List<String> distinct = new ArrayList<>(byController.size());
    for (String directory : byController.values()) {
      if (!distinct.contains(directory)) {
        distinct.add(directory);
      }
    }
    return distinct;
  }

  /** One slash before each name, no empty name, no dot; two dots are refused. */
  private static String clean(String path) {
    StringBuilder cleaned = new StringBuilder();
    for (int start = 0; start <= path.length(); ) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      String name = path.substring(start, end);
      if (name.equals("..")) {
        throw Failure.of(
                Failure.Code.INVALID_CONFIG, "cgroupsPath \"" + path + "\" must not contain \"..\"")
            .phase("cgroup")
            .pointer(POINTER)
            .hint("write the path from the root of the hierarchy, beginning with \"/\"")
            .build();
      }
      if (!name.isEmpty() && !name.equals(".")) {
        cleaned.append('/').append(name);
      }
      start = end + 1;
    }
    if (cleaned.isEmpty()) {
      throw Failure.of(
              Failure.Code.INVALID_CONFIG,
              "cgroupsPath \"" + path + "\" is the root of the hierarchy")
          .phase("cgroup")
          .pointer(POINTER)
          .hint("name a group of the container's own")
          .build();
    }
    return cleaned.toString();
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }
}

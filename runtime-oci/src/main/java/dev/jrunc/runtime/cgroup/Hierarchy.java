package dev.jrunc.runtime.cgroup;

import java.util.List;

/**
 * One mounted hierarchy.
 *
 * @param controllers the v1 controllers in it, or {@code name=systemd}; the empty name for the
 *     unified one
 * @param mountPoint without a slash at the end
 * @param ownPath of this process below the mount point, beginning with a slash
 */
public record Hierarchy(List<String> controllers, String mountPoint, String ownPath) {
  public Hierarchy {
    controllers = List.copyOf(controllers);
  }

  /** The absolute directory of {@code path}, which begins with a slash. */
  String directory(String path) {
    return path.equals("/") ? mountPoint : mountPoint + path;
  }
}

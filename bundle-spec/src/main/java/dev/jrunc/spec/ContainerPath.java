package dev.jrunc.spec;

import java.util.ArrayList;
import java.util.List;

/** Paths as the container sees them. */
public final class ContainerPath {
  private ContainerPath() {}

  /**
   * Absolute, without {@code .}, {@code ..} and empty names, as Go's filepath.Clean of "/"+path.
   */
  public static String clean(String path) {
    List<String> names = new ArrayList<>();
    for (String name : Separated.by('/', path)) {
      if (name.equals("..")) {
        if (!names.isEmpty()) {
          names.remove(names.size() - 1);
        }
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    return "/" + String.join("/", names);
  }
}

package dev.jrunc.image.bundle;

import dev.jrunc.spec.IdMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The ids that a container of a user without root has. The launcher puts jimage into a user
 * namespace (with the ranges of /etc/subuid and /etc/subgid, or else the user's own id alone); the
 * container gets the very same maps, so that it owns the files that were made here.
 */
public record IdMaps(List<IdMapping> uids, List<IdMapping> gids) {
  /** Set by the launcher, to the user's id, when it has made a user namespace. */
  private static final String MARK = "JIMAGE_USER_NAMESPACE";

  public IdMaps {
    uids = List.copyOf(uids);
    gids = List.copyOf(gids);
  }

  /** For root: no user namespace. */
  public static IdMaps none() {
    return new IdMaps(List.of(), List.of());
  }

  /** Those of the user namespace that the launcher made; none if it made none. */
  public static IdMaps ofLauncher(Map<String, String> environment) {
    if (!environment.containsKey(MARK)) {
      return none();
    }
    return new IdMaps(read("uid_map"), read("gid_map"));
  }

  /**
   * Tells trees that were unpacked with other ids apart: the host's are empty, those of a user
   * without a range "own", others begin where the range does.
   */
  String key() {
    long most = uids.stream().mapToLong(IdMapping::size).max().orElse(0);
    return uids.stream()
        .filter(map -> map.size() == most)
        .findFirst()
        .map(map -> most == 1 ? "own" : "from" + map.hostId())
        .orElse("");
  }

  public boolean isEmpty() {
    return uids.isEmpty();
  }

  // user_namespaces(7): first id inside, first id outside, length; outside is that of the parent.
  private static List<IdMapping> read(String file) {
    List<IdMapping> maps = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self", file))) {
        String[] words = line.strip().split("\\s+");
        maps.add(
            new IdMapping(
                Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2])));
      }
    } catch (IOException e) {
      throw new IllegalStateException("/proc/self/" + file, e);
    }
    return maps;
  }
}

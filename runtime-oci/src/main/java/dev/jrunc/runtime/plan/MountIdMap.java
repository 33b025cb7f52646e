package dev.jrunc.runtime.plan;

import dev.jrunc.spec.IdMapping;
import java.util.List;

/**
 * How the owners of the files of a bind mount are mapped.
 *
 * @param depth whether for the mount alone or for those below it too
 * @param uids container ids are those on the disk, host ids what the kernel takes them for
 * @param gids likewise
 * @param joined whether the maps are those of the user namespace that the container joins, whose
 *     numbers nobody has written down for us
 */
public record MountIdMap(
    MountOptions.Depth depth, List<IdMapping> uids, List<IdMapping> gids, boolean joined) {
  public MountIdMap {
    uids = List.copyOf(uids);
    gids = List.copyOf(gids);
  }
}

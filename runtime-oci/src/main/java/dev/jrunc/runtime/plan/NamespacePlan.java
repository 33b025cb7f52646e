package dev.jrunc.runtime.plan;

import dev.jrunc.kernel.CloneFlags;
import dev.jrunc.spec.IdMapping;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.TimeOffset;
import java.util.List;
import java.util.Map;

/**
 * Which namespaces the first process is made in.
 *
 * @param newFlags of {@link CloneFlags}, without the cgroup namespace: that one is unshared once
 *     the process is in its cgroups, since they become its roots
 * @param joins in the order of the config
 * @param uidMappings written from outside, before anything is done inside
 * @param timeOffsets by clock name
 */
public record NamespacePlan(
    long newFlags,
    List<ProcessStep.JoinNamespace> joins,
    List<IdMapping> uidMappings,
    List<IdMapping> gidMappings,
    Map<String, TimeOffset> timeOffsets) {

  public NamespacePlan {
    joins = List.copyOf(joins);
    uidMappings = List.copyOf(uidMappings);
    gidMappings = List.copyOf(gidMappings);
  }

  public boolean makes(long flag) {
    return (newFlags & flag) != 0;
  }

  public boolean joins(NamespaceType type) {
    for (ProcessStep.JoinNamespace join : joins) {
      if (join.type() == type) {
        return true;
      }
    }
    return false;
  }

  /** Whether the container's process has a user namespace other than the caller's. */
  public boolean ownUsers() {
    return makes(CloneFlags.NEWUSER) || joins(NamespaceType.USER);
  }

  /**
   * Whether a short-lived process stands between ours and the container's. Joining a pid or time
   * namespace only counts for children; a joined user namespace must own what is made new; and with
   * a new user namespace the right to join anything of the host's is gone.
   */
  public boolean needsStage() {
    return joins(NamespaceType.USER)
        || joins(NamespaceType.PID)
        || joins(NamespaceType.TIME)
        || makes(CloneFlags.NEWTIME)
        || (makes(CloneFlags.NEWUSER) && !joins.isEmpty());
  }
}

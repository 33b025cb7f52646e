package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.FileCalls;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.MountAttribute;
import dev.jrunc.kernel.MountCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.plan.MountIdMap;
import dev.jrunc.runtime.plan.MountOptions;
import dev.jrunc.runtime.plan.Plan;
import dev.jrunc.runtime.plan.RootfsStep;
import dev.jrunc.runtime.plan.Step;
import dev.jrunc.runtime.rootfs.MountFailure;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.spec.NamespaceType;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sources of a container's bind mounts: the maps of those with ids of their own, made before
 * the container's process is, and what that process may not open itself. In a user namespace it is
 * no longer the caller: it may not reach what only root reaches, and only who has rights over a
 * file system may map its ids.
 */
public final class MountSources implements AutoCloseable {
  private final Linux linux;
  private final Plan plan;
  private final MappedUsers users;
  private final Map<String, Descriptor> maps = new HashMap<>();
  private @Nullable Descriptor mountNamespace;
  private @Nullable SourceOpener opener;

  private MountSources(Linux linux, Plan plan) {
    this.linux = linux;
    this.plan = plan;
    this.users = new MappedUsers(linux);
  }

  /** Makes the maps that the plan needs; for most containers that is nothing. */
  public static MountSources prepare(Linux linux, Plan plan, Joining joining) {
    MountSources sources = new MountSources(linux, plan);
    try {
      for (Step step : plan.steps()) {
        if (step instanceof RootfsStep.BindMount bind && bind.idMap() != null) {
          Phase.begin("map ids of mount", bind.pointer());
          sources.map(bind, bind.idMap(), joining);
        }
      }
      return sources;
    } catch (RuntimeException e) {
      sources.close();
      throw e;
    }
  }

  private void map(RootfsStep.BindMount step, MountIdMap map, Joining joining) {
    if (linux.credentials().effectiveUid() != 0) {
      throw MountFailure.of(
          step, Errno.EPERM, "id-mapped mounts are not supported for rootless containers");
    }
    Descriptor joined = map.joined() ? joining.file(NamespaceType.USER) : null;
    try {
      maps.put(step.pointer(), joined != null ? joined : users.namespace(map, step.pointer()));
    } catch (SyscallFailed e) {
      throw MountFailure.of(
          step, e.errno(), "failed to create userns for " + step.source() + " id-mapping");
    }
  }

  /** Whether the container's process has rights of its own namespace only. */
  boolean foreignUsers() {
    return plan.namespaces().ownUsers();
  }

  /**
   * A detached copy of a source, in the mount namespace of the calling process and with its rights.
   */
  Descriptor open(RootfsStep.BindMount step) {
    long cloned = openRaw(step);
    if (cloned < 0) {
      throw MountFailure.of(step, (int) -cloned, "stat " + step.source());
    }
    Descriptor tree = new Descriptor(linux.gate(), (int) cloned);
    MountIdMap map = step.idMap();
    if (map != null) {
      try {
        mapIds(step, map, tree);
      } catch (RuntimeException e) {
        tree.close();
        throw e;
      }
    }
    return tree;
  }

  long openRaw(RootfsStep.BindMount step) {
    int flags = recursive(step.options().bind());
    return linux.mounts().cloneTreeRaw(linux.currentDirectory(), step.source(), flags);
  }

  private void mapIds(RootfsStep.BindMount step, MountIdMap map, Descriptor tree) {
    int flags = FileCalls.EMPTY_PATH | recursive(map.depth());
    int users = java.util.Objects.requireNonNull(maps.get(step.pointer())).number();
    long result =
        linux.mounts().setAttributesRaw(tree, "", flags, MountAttribute.ID_MAP, 0, 0, users);
    if (result < 0) {
      String maybe = result == -Errno.EINVAL ? " (maybe its file system cannot be mapped)" : "";
      throw MountFailure.of(
          step, (int) -result, "failed to set MOUNT_ATTR_IDMAP on " + step.source() + maybe);
    }
  }

  private static int recursive(MountOptions.Depth depth) {
    return depth == MountOptions.Depth.TREE ? MountCalls.RECURSIVE : 0;
  }

  /** Where the container's process stands: its mount namespace, as an open file. */
  public void standIn(Descriptor namespace) {
    mountNamespace = namespace;
  }

  /**
   * Opens a source with the rights of the creating process, among the mounts of the container.
   *
   * @param pointer of the bind mount
   * @param root the root directory of the container's process
   */
  public Descriptor openAmongMounts(String pointer, Descriptor root) {
    RootfsStep.BindMount step = step(pointer);
    Phase.begin("open mount source", pointer);
    if (opener == null) {
      opener = SourceOpener.begin(linux, this, mountNamespace, root);
    }
    return opener.open(step);
  }

  RootfsStep.BindMount step(String pointer) {
    for (Step step : plan.steps()) {
      if (step instanceof RootfsStep.BindMount bind && bind.pointer().equals(pointer)) {
        return bind;
      }
    }
    throw new IllegalStateException("no bind mount at " + pointer);
  }

  @Override
  public void close() {
    if (opener != null) {
      opener.close();
    }
    if (mountNamespace != null) {
      mountNamespace.close();
    }
    users.close();
  }
}

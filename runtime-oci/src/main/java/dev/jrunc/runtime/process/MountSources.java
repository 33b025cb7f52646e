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
 * The trees of bind mounts that the container's process could not get itself, opened before it is
 * made. In a user namespace it is no longer the caller, and may not reach what only root reaches;
 * and only who has rights over a file system may map its ids.
 */
public final class MountSources implements AutoCloseable {
  private final Linux linux;
  private final Plan plan;
  private final Joining joining;
  private final Map<String, Descriptor> trees = new HashMap<>();

  private MountSources(Linux linux, Plan plan, Joining joining) {
    this.linux = linux;
    this.plan = plan;
    this.joining = joining;
  }

  /** Opens what the plan needs; for most containers that is nothing. */
  public static MountSources open(Linux linux, Plan plan, Joining joining) {
    MountSources sources = new MountSources(linux, plan, joining);
    boolean ownUsers = plan.namespaces().ownUsers();
    try (MappedUsers users = new MappedUsers(linux)) {
      for (Step step : plan.steps()) {
        if (step instanceof RootfsStep.BindMount bind) {
          if (bind.idMap() != null) {
            Phase.begin("open mount source", bind.pointer());
            sources.openMapped(bind, bind.idMap(), users);
          } else if (ownUsers) {
            Phase.begin("open mount source", bind.pointer());
            sources.openPlain(bind);
          }
        }
      }
      return sources;
    } catch (RuntimeException e) {
      sources.close();
      throw e;
    }
  }

  /** By the JSON pointer of the mount. */
  public Map<String, Descriptor> trees() {
    return trees;
  }

  // What fails is left out: without root we have no rights here, but the container's process has
  // them in its own namespace; and what is not there it reports by itself.
  private void openPlain(RootfsStep.BindMount step) {
    long tree = cloneRaw(step);
    if (tree >= 0) {
      keep(step, new Descriptor(linux.gate(), (int) tree));
    }
  }

  private void openMapped(RootfsStep.BindMount step, MountIdMap map, MappedUsers users) {
    if (linux.credentials().effectiveUid() != 0) {
      throw MountFailure.of(
          step, Errno.EPERM, "id-mapped mounts are not supported for rootless containers");
    }
    long cloned = cloneRaw(step);
    if (cloned < 0) {
      throw MountFailure.of(step, (int) -cloned, "stat " + step.source());
    }
    Descriptor tree = new Descriptor(linux.gate(), (int) cloned);
    keep(step, tree);
    Descriptor namespace = map.joined() ? joining.file(NamespaceType.USER) : null;
    if (namespace == null) {
      namespace = made(step, map, users);
    }
    int flags = FileCalls.EMPTY_PATH;
    flags |= map.depth() == MountOptions.Depth.TREE ? MountCalls.RECURSIVE : 0;
    long result =
        linux
            .mounts()
            .setAttributesRaw(tree, "", flags, MountAttribute.ID_MAP, 0, 0, namespace.number());
    if (result < 0) {
      String maybe = result == -Errno.EINVAL ? " (maybe its file system cannot be mapped)" : "";
      throw MountFailure.of(
          step, (int) -result, "failed to set MOUNT_ATTR_IDMAP on " + step.source() + maybe);
    }
  }

  private static Descriptor made(RootfsStep.BindMount step, MountIdMap map, MappedUsers users) {
    try {
      return users.namespace(map, step.pointer());
    } catch (SyscallFailed e) {
      throw MountFailure.of(
          step, e.errno(), "failed to create userns for " + step.source() + " id-mapping");
    }
  }

  private long cloneRaw(RootfsStep.BindMount step) {
    int flags = step.options().bind() == MountOptions.Depth.TREE ? MountCalls.RECURSIVE : 0;
    return linux.mounts().cloneTreeRaw(linux.currentDirectory(), step.source(), flags);
  }

  // The copy stands to the host's mount as it would if it were made inside, where the mounts have
  // been isolated: else what is mounted in it later would show on the host.
  private void keep(RootfsStep.BindMount step, Descriptor tree) {
    trees.put(step.pointer(), tree);
    RootfsStep.IsolateMounts isolation = isolation();
    if (isolation == null || plan.namespaces().ownUsers()) {
      // mount_namespaces(7): what a less privileged namespace copies is slave in any case.
      linux.mounts().setAttributes(tree, MountCalls.RECURSIVE, 0, 0, MountAttribute.SLAVE);
      return;
    }
    int flags = isolation.recursive() ? MountCalls.RECURSIVE : 0;
    linux.mounts().setAttributes(tree, flags, 0, 0, isolation.propagation());
  }

  private RootfsStep.@Nullable IsolateMounts isolation() {
    for (Step step : plan.steps()) {
      if (step instanceof RootfsStep.IsolateMounts isolation) {
        return isolation;
      }
    }
    return null;
  }

  @Override
  public void close() {
    for (Descriptor tree : trees.values()) {
      tree.close();
    }
  }
}

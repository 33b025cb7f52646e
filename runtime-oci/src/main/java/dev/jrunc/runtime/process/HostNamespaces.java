package dev.jrunc.runtime.process;

import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.rootfs.SysctlWriter;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.PointerSegment;
import dev.jrunc.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a config sets in a namespace that is the host's own. One that the config does not name is
 * refused without asking the host; a path may lead there too, which only its file can tell. As in
 * runc "host" means the namespace that this process is in.
 */
public final class HostNamespaces {
  private final dev.jrunc.kernel.Linux kernel;
  private final Spec spec;
  private final Linux linux;
  private final Joined joined;

  /** The file of the namespace of a type that is joined; null if there is none to be had. */
  public interface Joined {
    @Nullable FileStatus file(NamespaceType type);
  }

  private HostNamespaces(dev.jrunc.kernel.Linux kernel, Spec spec, Joined joined) {
    this.kernel = kernel;
    this.spec = spec;
    this.linux = spec.linux() == null ? Linux.EMPTY : spec.linux();
    this.joined = joined;
  }

  /** Before anything is made: refuses the first that {@link #refusals} would list. */
  public static void refuse(dev.jrunc.kernel.Linux kernel, Spec spec, Joining joining) {
    List<Failure> refused =
        new HostNamespaces(
                kernel,
                spec,
                type -> {
                  var file = joining.file(type);
                  return file == null ? null : kernel.files().status(file);
                })
            .refusals();
    if (!refused.isEmpty()) {
      throw refused.get(0);
    }
  }

  /** As {@link #refuse}, all of them; by the paths, since nothing is joined. */
  public static List<Failure> refusals(dev.jrunc.kernel.Linux kernel, Spec spec) {
    Linux linux = spec.linux() == null ? Linux.EMPTY : spec.linux();
    return new HostNamespaces(
            kernel,
            spec,
            type -> {
              for (Namespace namespace : linux.namespaces()) {
                String path = namespace.path();
                if (namespace.type() == type && path != null) {
                  return statusOrNull(kernel, path);
                }
              }
              return null;
            })
        .refusals();
  }

  private static @Nullable FileStatus statusOrNull(dev.jrunc.kernel.Linux kernel, String path) {
    try {
      return kernel.files().statusOrNull(kernel.currentDirectory(), path, 0);
    } catch (SyscallFailed e) {
      return null; // What may not be looked at may be anybody's.
    }
  }

  private List<Failure> refusals() {
    List<Failure> refused = new ArrayList<>();
    if (isHost(NamespaceType.NETWORK, "net")) {
      sysctls(NamespaceType.NETWORK, "not allowed in host network namespace", refused);
    }
    if (isHost(NamespaceType.IPC, "ipc")) {
      sysctls(NamespaceType.IPC, "is not allowed in the hosts ipc namespace", refused);
    }
    if (isHost(NamespaceType.UTS, "uts")) {
      name("hostname", spec.hostname(), refused);
      name("domainname", spec.domainname(), refused);
      sysctls(NamespaceType.UTS, "is not in a separate kernel namespace", refused);
    }
    return refused;
  }

  // Most configs join none of these, or set nothing there: then no file is looked at.
  private boolean isHost(NamespaceType type, String file) {
    if (!joins(type) || !sets(type)) {
      return false;
    }
    FileStatus own = statusOrNull(kernel, "/proc/self/ns/" + file);
    FileStatus there = joined.file(type);
    return own != null && there != null && own.sameFileAs(there);
  }

  private boolean joins(NamespaceType type) {
    for (Namespace namespace : linux.namespaces()) {
      if (namespace.type() == type && namespace.path() != null) {
        return true;
      }
    }
    return false;
  }

  private boolean sets(NamespaceType type) {
    if (type == NamespaceType.UTS && (isGiven(spec.hostname()) || isGiven(spec.domainname()))) {
      return true;
    }
    for (String key : linux.sysctl().keySet()) {
      if (owner(key) == type) {
        return true;
      }
    }
    return false;
  }

  private static boolean isGiven(@Nullable String name) {
    return name != null && !name.isEmpty();
  }

  private void name(String field, @Nullable String value, List<Failure> refused) {
    if (isGiven(value)) {
      refused.add(
          refusal(
              "/" + field,
              "unable to set " + field + " without a private UTS namespace",
              NamespaceType.UTS));
    }
  }

  private void sysctls(NamespaceType type, String reason, List<Failure> refused) {
    for (String key : linux.sysctl().keySet()) {
      if (owner(key) == type) {
        refused.add(
            refusal(
                "/linux/sysctl/" + PointerSegment.of(key),
                "sysctl \"" + key + "\" " + reason,
                type));
      }
    }
  }

  private static Failure refusal(String pointer, String message, NamespaceType type) {
    return Failure.of(Failure.Code.INVALID_CONFIG, message)
        .phase("join namespaces")
        .pointer(pointer)
        .hint(
            "the path of the "
                + type.wireName()
                + " namespace leads to the one that jrunc is in; name another, or none to have a"
                + " new one")
        .build();
  }

  // Those that a valid config may have; see namespaces(7) and ipc_namespaces(7).
  private static @Nullable NamespaceType owner(String key) {
    String file = SysctlWriter.fileName(key);
    if (file.startsWith("net/")) {
      return NamespaceType.NETWORK;
    }
    if (file.equals("kernel/domainname")) {
      return NamespaceType.UTS;
    }
    return file.startsWith("fs/mqueue/") || file.startsWith("kernel/") ? NamespaceType.IPC : null;
  }
}

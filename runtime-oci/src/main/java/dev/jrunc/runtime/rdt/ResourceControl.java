package dev.jrunc.runtime.rdt;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.IntelRdt;
import dev.jrunc.spec.Separated;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The mounted resctrl file system. */
public final class ResourceControl {
  private static final String USUAL = "/sys/fs/resctrl";
  private static final long MAGIC = 0x7655821;
  private static final int MOUNT_TABLE_LIMIT = 16 << 20;

  private final RdtFiles files;
  private final String root;

  ResourceControl(Linux linux, String root) {
    this.files = new RdtFiles(linux, root);
    this.root = root;
  }

  /** Null where none is mounted. */
  public static @Nullable ResourceControl find(Linux linux) {
    try (Descriptor usual =
        linux.files().open(linux.currentDirectory(), USUAL, OpenFlags.PATH, 0)) {
      if (linux.files().fileSystem(usual).type() == MAGIC) {
        return new ResourceControl(linux, USUAL);
      }
    } catch (SyscallFailed e) {
      return null; // The kernel makes this directory if it knows resctrl at all.
    }
    String elsewhere = mounted(linux);
    return elsewhere == null ? null : new ResourceControl(linux, elsewhere);
  }

  /** As {@link #find}, and a failure where there is none. */
  public static ResourceControl require(Linux linux) {
    ResourceControl found = find(linux);
    if (found == null) {
      throw missing("intelRdt is specified in config, but Intel RDT is not enabled", "");
    }
    return found;
  }

  // proc_pid_mountinfo(5): the fifth field is the mount point, the first after "-" the type.
  private static @Nullable String mounted(Linux linux) {
    try (Descriptor table =
        linux.files().open(linux.currentDirectory(), "/proc/self/mountinfo", 0, 0)) {
      byte[] text = linux.streams().readAll(table, MOUNT_TABLE_LIMIT);
      for (String line : Separated.by('\n', new String(text, StandardCharsets.ISO_8859_1))) {
        List<String> fields = Separated.by(' ', line);
        int type = fields.indexOf("-") + 1;
        if (type > 5 && type < fields.size() && fields.get(type).equals("resctrl")) {
          return fields.get(4);
        }
      }
      return null;
    }
  }

  public boolean hasCacheAllocation() {
    return files.exists(root + "/info/L3");
  }

  public boolean hasBandwidthAllocation() {
    return files.exists(root + "/info/MB");
  }

  /** What this host cannot give of what is asked for; empty if it can give all. */
  public List<Failure> refusals(IntelRdt wanted) {
    List<Failure> refusals = new ArrayList<>();
    if (wanted.l3CacheSchema() != null && !hasCacheAllocation()) {
      refusals.add(
          missing(
              "intelRdt.l3CacheSchema is specified in config, but Intel RDT/CAT is not enabled",
              "/l3CacheSchema"));
    }
    if (wanted.memBwSchema() != null && !hasBandwidthAllocation()) {
      refusals.add(
          missing(
              "intelRdt.memBwSchema is specified in config, but Intel RDT/MBA is not enabled",
              "/memBwSchema"));
    }
    if (wanted.enableMonitoring() && !files.exists(root + "/info/L3_MON")) {
      refusals.add(
          missing(
              "intelRdt.enableMonitoring is specified in config, but Intel RDT monitoring is not"
                  + " enabled",
              "/enableMonitoring"));
    }
    return refusals;
  }

  private static Failure missing(String message, String field) {
    return Failure.of(Failure.Code.UNSUPPORTED, message)
        .phase("resource control")
        .pointer("/linux/intelRdt" + field)
        .hint("mount resctrl, on a processor that has the technology")
        .build();
  }

  /** The group of a container, made and limited before there is a process in it. */
  public RdtGroup make(IntelRdt wanted, String containerId) {
    for (Failure refusal : refusals(wanted)) {
      throw refusal;
    }
    String id = wanted.closId() == null ? "" : wanted.closId();
    boolean named = !id.isEmpty();
    String path = named && id.equals("/") ? root : root + "/" + (named ? id : containerId);
    List<String> schemata = schemata(wanted);
    if (named && schemata.isEmpty() && !files.exists(path)) {
      throw invalid(
          "clos dir not accessible (must be pre-created when schemata, l3CacheSchema and"
              + " memBwSchema are empty): "
              + path,
          "/closID");
    }
    boolean made = files.make(path);
    try {
      if (!made && named) {
        requireSame(path, wanted.l3CacheSchema(), "/l3CacheSchema");
        requireSame(path, wanted.memBwSchema(), "/memBwSchema");
      }
      write(path, schemata);
      String monitoring = wanted.enableMonitoring() ? path + "/mon_groups/" + containerId : null;
      if (monitoring != null) {
        files.make(monitoring);
      }
      return new RdtGroup(path, made && !named, monitoring);
    } catch (RuntimeException e) {
      if (made) {
        files.remove(path);
      }
      throw e;
    }
  }

  /** Other limits for a group that is there. */
  public void change(RdtGroup group, IntelRdt wanted) {
    write(group.path(), schemata(wanted));
  }

  /** In the order of the specification: cache, bandwidth, the others. */
  private static List<String> schemata(IntelRdt wanted) {
    List<String> lines = new ArrayList<>();
    if (wanted.l3CacheSchema() != null) {
      lines.add(wanted.l3CacheSchema());
    }
    if (wanted.memBwSchema() != null) {
      lines.add(wanted.memBwSchema());
    }
    lines.addAll(wanted.schemata());
    lines.removeIf(String::isEmpty);
    return lines;
  }

  private void write(String path, List<String> lines) {
    StringBuilder text = new StringBuilder();
    for (String line : lines) {
      text.append(line).append('\n');
    }
    if (!text.isEmpty()) {
      // One write: the kernel takes all of them or none.
      files.write(path + "/schemata", text.toString());
    }
  }

  // A class that is there may be that of others: it is joined as it is, or not at all.
  private void requireSame(String path, @Nullable String wanted, String field) {
    if (wanted == null || wanted.isEmpty()) {
      return;
    }
    String now = files.text(path + "/schemata");
    for (String line : Separated.by('\n', now == null ? "" : now)) {
      if (Schema.of(line).contains(Schema.of(wanted))) {
        return;
      }
    }
    throw invalid(
        "\"" + wanted + "\" is not what the existing class \"" + path + "\" has: " + now, field);
  }

  private static Failure invalid(String message, String field) {
    return Failure.of(Failure.Code.INVALID_CONFIG, message)
        .phase("resource control")
        .pointer("/linux/intelRdt" + field)
        .build();
  }

  /** Whether the group is still there. */
  public boolean has(RdtGroup group) {
    return files.exists(group.path());
  }

  /** Puts a process in; its children are born there. */
  public void add(RdtGroup group, int pid) {
    files.write(group.path() + "/tasks", Integer.toString(pid));
    if (group.monitoring() != null) {
      files.write(group.monitoring() + "/tasks", Integer.toString(pid));
    }
  }

  /** Takes away what was made for this container. */
  public void remove(RdtGroup group) {
    if (group.monitoring() != null) {
      files.remove(group.monitoring());
    }
    if (group.made()) {
      files.remove(group.path());
    }
  }

  /** What the group has and uses. */
  public RdtStats stats(RdtGroup group) {
    return new RdtUsage(files, root).read(group);
  }
}

package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.NamespacePlan;
import dev.jrunc.runtime.plan.Plan;
import dev.jrunc.spec.IdMapping;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.Separated;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a config says of namespaces that are joined, and that only they themselves can tell. */
public final class JoinedNamespaces {
  private static final int LARGEST_MAP = 1 << 16;

  private final Linux linux;
  private final Plan plan;

  public JoinedNamespaces(Linux linux, Plan plan) {
    this.linux = linux;
    this.plan = plan;
  }

  /**
   * Once the process is in: engines give the maps beside the path of a user namespace, and where
   * both do not agree, one of them is not meant.
   */
  public void requireMaps(int pid) {
    NamespacePlan namespaces = plan.namespaces();
    if (namespaces.joins(NamespaceType.USER)) {
      require(pid, "uid_map", namespaces.uidMappings(), "/linux/uidMappings");
      require(pid, "gid_map", namespaces.gidMappings(), "/linux/gidMappings");
    }
  }

  private void require(int pid, String file, List<IdMapping> given, String pointer) {
    if (given.isEmpty()) {
      return;
    }
    List<IdMapping> found = parse(read("/proc/" + pid + "/" + file));
    if (found.size() != given.size() || !found.containsAll(given)) {
      throw Failure.of(
              Failure.Code.INVALID_CONFIG,
              "user namespaces enabled, but both namespace path and non-matching mapping specified"
                  + " -- you may only provide one")
          .phase("join namespaces")
          .pointer(pointer)
          .hint(
              "leave the mappings out; those of the namespace hold: "
                  + IdMapWriter.text(found).trim().replace("\n", ", "))
          .build();
    }
  }

  private String read(String path) {
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), path, OpenFlags.RDONLY, 0)) {
      return new String(linux.streams().readAll(file, LARGEST_MAP), StandardCharsets.ISO_8859_1);
    } catch (SyscallFailed e) {
      throw Failure.system("cannot read " + path, e);
    }
  }

  // user_namespaces(7): three numbers a line, with blanks to make columns.
  static List<IdMapping> parse(String map) {
    List<IdMapping> found = new ArrayList<>();
    for (String line : Separated.by('\n', map)) {
      List<String> words = new ArrayList<>();
      for (String word : Separated.by(' ', line)) {
        if (!word.isEmpty()) {
          words.add(word);
        }
      }
      if (words.size() == 3) {
        found.add(
            new IdMapping(
                Long.parseLong(words.get(0)),
                Long.parseLong(words.get(1)),
                Long.parseLong(words.get(2))));
      }
    }
    return found;
  }
}

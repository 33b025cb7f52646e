package dev.jrunc.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** config.json of a bundle: what the runtime is asked to make. */
public record Spec(
    String ociVersion,
    @Nullable Process process,
    @Nullable Root root,
    @Nullable String hostname,
    @Nullable String domainname,
    List<Mount> mounts,
    Hooks hooks,
    Map<String, String> annotations,
    @Nullable Linux linux) {
  public Spec {
    mounts = List.copyOf(mounts);
    annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
  }

  /** The same with another program. */
  public Spec withProcess(@Nullable Process program) {
    return new Spec(
        ociVersion, program, root, hostname, domainname, mounts, hooks, annotations, linux);
  }

  /** The same with another section for Linux. */
  public Spec withLinux(@Nullable Linux section) {
    return new Spec(
        ociVersion, process, root, hostname, domainname, mounts, hooks, annotations, section);
  }
}

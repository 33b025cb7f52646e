package dev.jrunc.runtime.state;

import dev.jrunc.runtime.rdt.RdtGroup;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a container. Its config is kept beside it, as it was read.
 *
 * @param init its first process
 * @param created RFC 3339 with nanoseconds, in UTC
 * @param owner uid of who created it
 * @param cgroupPaths absolute directory by controller, see CgroupPaths
 * @param unit the systemd unit that its cgroups belong to; empty where jrunc made them itself
 * @param keyrings whether its programs get session keyrings of their own
 * @param rdt its place in resctrl, null for none
 */
public record ContainerState(
    String id,
    ProcessIdentity init,
    String created,
    String bundle,
    String rootfs,
    long owner,
    Map<String, String> cgroupPaths,
    String unit,
    boolean keyrings,
    @Nullable RdtGroup rdt,
    Map<String, String> annotations,
    String ociVersion) {

  public ContainerState {
    cgroupPaths = Collections.unmodifiableMap(new LinkedHashMap<>(cgroupPaths));
    annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
  }
}

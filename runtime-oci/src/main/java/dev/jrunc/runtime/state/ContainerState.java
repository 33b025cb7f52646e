package dev.jrunc.runtime.state;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is remembered of a container. Its config is kept beside it, as it was read.
 *
 * @param init its first process
 * @param created RFC 3339 with nanoseconds, in UTC
 * @param owner uid of who created it
 * @param cgroupPaths absolute directory by controller, see CgroupPaths
 * @param unit the systemd unit that its cgroups belong to; empty where jrunc made them itself
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
    Map<String, String> annotations,
    String ociVersion) {

  public ContainerState {
    cgroupPaths = Collections.unmodifiableMap(new LinkedHashMap<>(cgroupPaths));
    annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
  }
}

package dev.jrunc.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What hooks, state and list are told of a container: the state of the specification, and rootfs,
 * created (RFC 3339) and owner as runc adds them.
 */
public record State(
    String ociVersion,
    String id,
    ContainerStatus status,
    int pid,
    String bundle,
    String rootfs,
    String created,
    Map<String, String> annotations,
    String owner) {
  public State {
    annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
  }
}

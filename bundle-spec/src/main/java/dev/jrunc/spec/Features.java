package dev.jrunc.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a runtime can do, as the features command prints it. Enabled means built in, not that this
 * host has it.
 *
 * @param unsafeAnnotations annotations, or their beginnings where they end in a dot, that change
 *     how a container is set up, so that engines do not pass on what users give
 */
public record Features(
    String ociVersionMin,
    String ociVersionMax,
    List<String> hooks,
    List<String> mountOptions,
    LinuxFeatures linux,
    Map<String, String> annotations,
    List<String> unsafeAnnotations) {
  public Features {
    hooks = List.copyOf(hooks);
    mountOptions = List.copyOf(mountOptions);
    annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
    unsafeAnnotations = List.copyOf(unsafeAnnotations);
  }
}

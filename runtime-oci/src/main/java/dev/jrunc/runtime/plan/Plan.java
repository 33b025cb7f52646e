package dev.jrunc.runtime.plan;

import dev.jrunc.runtime.network.NetworkStep;
import dev.jrunc.spec.Hooks;
import dev.jrunc.spec.IntelRdt;
import dev.jrunc.spec.Resources;
import dev.jrunc.spec.Seccomp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that will be done to make a container, before any of it is done.
 *
 * @param namespaces what the first process is made in
 * @param steps what that process does, in order, up to the container's program
 * @param cgroupsPath as in config.json, null for the runtime's choice
 * @param cgroupOwner the user of the host who gets a cgroup of version 2, null for nobody
 * @param resources the limits to set before the process is made, null for none
 * @param intelRdt the share of cache and memory bandwidth, null for none
 * @param seccomp the filter to compile, null for none
 * @param oomScoreAdj written from outside, null to leave it
 * @param network what the creating process does for the container's network, in order
 * @param hooks run by the creating process: prestart, createRuntime, poststart, poststop
 */
public record Plan(
    NamespacePlan namespaces,
    List<Step> steps,
    @Nullable String cgroupsPath,
    @Nullable Long cgroupOwner,
    @Nullable Resources resources,
    @Nullable IntelRdt intelRdt,
    @Nullable Seccomp seccomp,
    @Nullable Integer oomScoreAdj,
    List<NetworkStep> network,
    Hooks hooks) {

  public Plan {
    steps = List.copyOf(steps);
    network = List.copyOf(network);
  }
}

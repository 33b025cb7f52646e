package dev.jrunc.runtime.container;

import dev.jrunc.runtime.network.ContainerNetwork;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.systemd.Systemd;
import org.jspecify.annotations.Nullable;

/**
 * What {@code create} and {@code run} were asked for.
 *
 * @param bundle absolute path of the bundle
 * @param pidFile where the pid is written, null for nowhere
 * @param consoleSocket where the terminal's master is sent, null for none
 * @param pidfdSocket where a handle on the program is sent, null for nowhere
 * @param activation the sockets handed on to the program
 * @param notifyHost the socket of a service manager, null for none
 * @param systemd whom the driver for systemd asks
 * @param cni where CNI networks and plugins are
 * @param detached whether the command ends before the container does
 */
public record CreateRequest(
    ContainerId id,
    String bundle,
    @Nullable String pidFile,
    @Nullable String consoleSocket,
    @Nullable String pidfdSocket,
    Activation activation,
    @Nullable String notifyHost,
    Systemd systemd,
    ContainerNetwork.CniPlaces cni,
    boolean detached,
    PlanOptions plan) {}

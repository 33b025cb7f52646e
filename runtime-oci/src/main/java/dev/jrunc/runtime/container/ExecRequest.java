package dev.jrunc.runtime.container;

import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.spec.Process;
import org.jspecify.annotations.Nullable;

/**
 * What {@code exec} was asked for.
 *
 * @param process the program, complete
 * @param allowPaused whether a paused container is no obstacle
 * @param preservedDescriptors how many from 3 on the program keeps
 */
public record ExecRequest(
    ContainerId id,
    Process process,
    boolean detached,
    boolean allowPaused,
    @Nullable String pidFile,
    @Nullable String consoleSocket,
    int preservedDescriptors) {}

package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.runtime.process.Spawner;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.spec.Hook;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container that was made.
 *
 * @param poststart hooks that are still to run
 * @param master of its terminal, where no console socket took it
 */
record Created(
    ContainerState state,
    Spawner.Spawned process,
    List<Hook> poststart,
    @Nullable Descriptor master) {}

package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.runtime.process.Spawner;
import dev.jrunc.runtime.state.ContainerState;
import org.jspecify.annotations.Nullable;

/**
 * A container that was made.
 *
 * @param master of its terminal, where no console socket took it
 */
record Created(ContainerState state, Spawner.Spawned process, @Nullable Descriptor master) {}

/**
 * Podman, Docker and containerd over a runtime, driven through their own clients; {@link
 * dev.jrunc.conformance.engines.EngineSuite} is where to begin. Expects to run in an enclosure: it
 * starts daemons and makes bridges, and leaves to the enclosure what a killed test leaves.
 */
@NullMarked
package dev.jrunc.conformance.engines;

import org.jspecify.annotations.NullMarked;

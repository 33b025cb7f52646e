/**
 * Capabilities: from the names of config.json to the sets of the container's first process. Start
 * at {@link dev.jrunc.runtime.capability.CapabilityPlan}, made before the clone; the child applies
 * it with {@link dev.jrunc.runtime.capability.CapabilityApplier} in two parts, around setuid.
 *
 * <p>Names that are unknown, to us or to the kernel, are left out with a warning, as runc does: an
 * engine may be newer than the host. Capabilities that the kernel knows but this process may not
 * give are an error, since the container would silently have less than it was promised.
 */
@NullMarked
package dev.jrunc.runtime.capability;

import org.jspecify.annotations.NullMarked;

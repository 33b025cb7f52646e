/**
 * The cgroup driver that asks systemd: a container's groups are those of a transient scope, which
 * systemd makes around the container's first process and takes away with it. Start at {@link
 * dev.jrunc.runtime.systemd.SystemdDriver}; {@link dev.jrunc.runtime.systemd.UnitManager} has the
 * calls.
 *
 * <p>systemd is told the limits it knows, since it writes them again at times of its own. The files
 * of the groups are then written all the same, as runc does: systemd knows only some of the limits.
 */
@NullMarked
package dev.jrunc.runtime.systemd;

import org.jspecify.annotations.NullMarked;

/**
 * Control groups on cgroup v1, hybrid and v2 hosts: where a container's groups are, making and
 * removing them, writing limits, entering them and freezing them. Start at {@link
 * dev.jrunc.runtime.cgroup.CgroupfsDriver}; where systemd makes the groups, it is in {@code
 * dev.jrunc.runtime.systemd}.
 *
 * <p>How a process enters decides how fast a container starts. On v2 (and for the v2 side of a
 * hybrid host) it is born inside, by CLONE_INTO_CGROUP. On v1 a write of its pid to {@code
 * cgroup.procs} from outside takes the lock of all thread groups and waits for an RCU grace period,
 * 7 ms on an idle host; a single-threaded process that writes {@code 0} to {@code tasks} itself
 * needs no such lock, 0.6 ms. So the parent opens the files and the child writes to them.
 *
 * <p>A limit the kernel or the layout cannot keep is refused by name. Only kernel memory limits are
 * ignored, as runc does: Linux gave them up.
 */
@NullMarked
package dev.jrunc.runtime.cgroup;

import org.jspecify.annotations.NullMarked;

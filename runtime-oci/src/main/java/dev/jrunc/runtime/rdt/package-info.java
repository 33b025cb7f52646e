/**
 * Intel's resource director technology: a share of the cache and of the memory bandwidth, by the
 * kernel's resctrl file system (Documentation/filesystems/resctrl.rst). {@link
 * dev.jrunc.runtime.rdt.ResourceControl} is the file system, {@link dev.jrunc.runtime.rdt.RdtGroup}
 * a container's place in it. Nothing here runs for a config that does not ask for it.
 */
@NullMarked
package dev.jrunc.runtime.rdt;

import org.jspecify.annotations.NullMarked;

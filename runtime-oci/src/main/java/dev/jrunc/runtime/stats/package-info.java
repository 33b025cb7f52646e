/**
 * What a container uses, read from its cgroups: {@link dev.jrunc.runtime.stats.StatsV1} and {@link
 * dev.jrunc.runtime.stats.StatsV2} read, {@link dev.jrunc.runtime.stats.EventDocument} writes as
 * runc's events do. Nothing here changes anything.
 */
@NullMarked
package dev.jrunc.runtime.stats;

import org.jspecify.annotations.NullMarked;

package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** Processors of an exec before and after it enters the cgroup, as lists such as 0-3,7. */
public record ExecCpuAffinity(@Nullable String initial, @Nullable String last) {}

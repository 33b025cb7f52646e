package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** Processor time and placement; quota and period in microseconds. */
public record CpuResources(
    @Nullable Long shares,
    @Nullable Long quota,
    @Nullable Long burst,
    @Nullable Long period,
    @Nullable Long realtimeRuntime,
    @Nullable Long realtimePeriod,
    @Nullable String cpus,
    @Nullable String mems,
    @Nullable Long idle) {}

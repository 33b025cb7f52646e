package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** Memory limits in bytes, -1 for none. */
public record MemoryResources(
    @Nullable Long limit,
    @Nullable Long reservation,
    @Nullable Long swap,
    @Nullable Long kernel,
    @Nullable Long kernelTcp,
    @Nullable Long swappiness,
    @Nullable Boolean disableOomKiller,
    @Nullable Boolean useHierarchy,
    @Nullable Boolean checkBeforeUpdate) {}

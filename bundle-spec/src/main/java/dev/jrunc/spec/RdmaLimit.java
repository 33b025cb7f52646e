package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** Limits of one RDMA device. */
public record RdmaLimit(@Nullable Long hcaHandles, @Nullable Long hcaObjects) {}

package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** A device node to make. */
public record Device(
    String path,
    String type,
    long major,
    long minor,
    @Nullable Integer fileMode,
    @Nullable Long uid,
    @Nullable Long gid) {}

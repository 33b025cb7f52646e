package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** How many tasks there may be; -1 for no limit. */
public record PidsResources(@Nullable Long limit) {}

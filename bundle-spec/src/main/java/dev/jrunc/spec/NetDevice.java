package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** A network device to move into the container, with its new name. */
public record NetDevice(@Nullable String name) {}

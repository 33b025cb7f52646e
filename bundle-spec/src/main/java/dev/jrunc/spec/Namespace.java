package dev.jrunc.spec;

import org.jspecify.annotations.Nullable;

/** A namespace: new, or the existing one at path. */
public record Namespace(NamespaceType type, @Nullable String path) {}

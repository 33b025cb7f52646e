package dev.jrunc.spec;

/** The root file system; a relative path is relative to the bundle. */
public record Root(String path, boolean readonly) {}

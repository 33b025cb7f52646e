package dev.jrunc.spec;

/** A range of ids: containerId inside is hostId outside, and so on for size ids. */
public record IdMapping(long containerId, long hostId, long size) {}

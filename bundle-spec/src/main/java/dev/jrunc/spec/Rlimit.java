package dev.jrunc.spec;

/** A resource limit; soft and hard are unsigned 64-bit numbers. */
public record Rlimit(String type, long hard, long soft) {}

package dev.jrunc.spec;

/** What is added to a clock of the time namespace. */
public record TimeOffset(long secs, long nanosecs) {}

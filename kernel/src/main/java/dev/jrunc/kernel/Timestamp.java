package dev.jrunc.kernel;

/** A point of time: seconds since 1970 in UTC and nanoseconds, 0 to 999,999,999. */
public record Timestamp(long seconds, int nanoseconds) {}

package dev.jrunc.spec;

/** Upper bound for one block device, in bytes or operations a second. */
public record ThrottleDevice(long major, long minor, long rate) {}

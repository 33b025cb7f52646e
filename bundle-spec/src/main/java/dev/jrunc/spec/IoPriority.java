package dev.jrunc.spec;

/** I/O scheduling class and priority, see ioprio_set(2). */
public record IoPriority(String ioClass, int priority) {}

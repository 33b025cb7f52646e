package dev.jrunc.spec;

/** A condition on one argument of a system call. */
public record SeccompArgument(int index, long value, long valueTwo, SeccompOperator operator) {}

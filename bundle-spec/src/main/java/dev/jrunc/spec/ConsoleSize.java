package dev.jrunc.spec;

/** Size of a terminal in characters. */
public record ConsoleSize(int height, int width) {}

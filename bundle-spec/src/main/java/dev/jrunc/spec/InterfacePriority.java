package dev.jrunc.spec;

/** Priority of traffic on one interface. */
public record InterfacePriority(String name, long priority) {}

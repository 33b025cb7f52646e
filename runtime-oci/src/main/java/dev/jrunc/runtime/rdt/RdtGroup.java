package dev.jrunc.runtime.rdt;

import org.jspecify.annotations.Nullable;

/**
 * A container's place in resctrl, as it is remembered.
 *
 * @param path absolute directory of its class of service
 * @param made whether that was made for this container alone, and goes with it
 * @param monitoring absolute directory of its monitoring group, null for none
 */
public record RdtGroup(String path, boolean made, @Nullable String monitoring) {}

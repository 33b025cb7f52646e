package dev.jrunc.runtime.network;

/**
 * A network device as the kernel describes it.
 *
 * @param kind such as {@code bridge}, empty for hardware and lo
 * @param mac its address as written, empty for none
 * @param master index of what it is a port of, 0 for none
 */
public record Link(
    int index, String name, String kind, String mac, int mtu, int master, boolean up) {}

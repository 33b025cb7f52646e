package dev.jrunc.runtime.network;

import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.List;

/**
 * What one container has of a bridge.
 *
 * @param index of its address in the pool
 * @param link name of the host's end of its pair of devices; nobody else's has it
 * @param maker the process that made the container: while it lives the container may be half made
 */
record Lease(
    int index, String link, ProcessIdentity maker, String container, List<PublishedPort> ports) {
  Lease {
    ports = List.copyOf(ports);
  }
}

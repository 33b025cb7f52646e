package dev.jrunc.runtime.network;

import java.util.List;

/**
 * One act of the creating process for a container's network. Steps come in the order in which they
 * are performed: what only reserves before the container's process is made, the others beside it
 * while it works on its mounts.
 */
public sealed interface NetworkStep {

  /** Where in config.json this comes from; empty for what the command line asks for. */
  String pointer();

  /** Takes addresses of a bridge's pool and ports of the host, for as long as the container is. */
  record LeaseAddresses(
      String pointer,
      String bridge,
      List<Subnet> subnets,
      List<PublishedPort> ports,
      Attachment wishes)
      implements NetworkStep {}

  /** Makes resolv.conf and hosts in the container's folder, to be mounted. */
  record MakeNameFiles(String pointer) implements NetworkStep {}

  /** Makes the bridge, its addresses and its table of nftables, where they are not there. */
  record EnsureBridge(String pointer, String bridge) implements NetworkStep {}

  /** A pair of devices: one end a port of the bridge, the other in the container, configured. */
  record ConnectToBridge(String pointer, String bridge, String device) implements NetworkStep {}

  record PublishPorts(String pointer, List<PublishedPort> ports) implements NetworkStep {}

  /** Runs the plugins of a CNI network with ADD. */
  record AddToCniNetwork(String pointer, String network, List<PublishedPort> ports)
      implements NetworkStep {}

  /** Starts the program that carries packets for a user who may make no devices. */
  record StartUserNetwork(String pointer, String program, List<PublishedPort> ports)
      implements NetworkStep {}

  /** Moves a device of the host into the container: linux.netDevices. */
  record MoveNetworkDevice(String pointer, String name, String newName) implements NetworkStep {}
}

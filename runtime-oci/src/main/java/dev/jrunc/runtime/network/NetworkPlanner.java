package dev.jrunc.runtime.network;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.ContainerPath;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Mount;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.NetDevice;
import dev.jrunc.spec.PointerSegment;
import dev.jrunc.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a request for a network means for a config, and the steps that it takes. */
public final class NetworkPlanner {
  /** The device in the container, by the name that people expect. */
  static final String DEVICE = "eth0";

  private NetworkPlanner() {}

  /**
   * The config as the request changes it: its network namespace, and the mounts of the files that
   * names are looked up in.
   *
   * @param joined path of the namespace to join, null where the mode joins none
   * @param files the folder in which resolv.conf and hosts will be; empty for none
   */
  public static Spec into(
      Spec spec, NetworkRequest request, @Nullable String joined, String files) {
    Linux linux = spec.linux() == null ? Linux.EMPTY : spec.linux();
    if (request.mode() == NetworkRequest.Mode.HOST) {
      refuseOnHost(linux);
    }
    List<Namespace> namespaces = new ArrayList<>();
    for (Namespace namespace : linux.namespaces()) {
      if (namespace.type() != NamespaceType.NETWORK) {
        namespaces.add(namespace);
      }
    }
    if (request.mode() != NetworkRequest.Mode.HOST) {
      namespaces.add(new Namespace(NamespaceType.NETWORK, joined));
    }
    List<Mount> mounts = new ArrayList<>(spec.mounts());
    if (!files.isEmpty()) {
      mount(mounts, "/etc/resolv.conf", files + "/" + NameFiles.RESOLVER);
      mount(mounts, "/etc/hosts", files + "/" + NameFiles.HOSTS);
    }
    return new Spec(
        spec.ociVersion(),
        spec.process(),
        spec.root(),
        spec.hostname(),
        spec.domainname(),
        mounts,
        spec.hooks(),
        spec.annotations(),
        linux.withNamespaces(namespaces));
  }

  /** The config with a user namespace that is there in place of a new one, if it asks for one. */
  public static Spec withUsersOf(Spec spec, String path) {
    Linux linux = spec.linux() == null ? Linux.EMPTY : spec.linux();
    List<Namespace> namespaces = new ArrayList<>();
    for (Namespace namespace : linux.namespaces()) {
      boolean made = namespace.type() == NamespaceType.USER && namespace.path() == null;
      namespaces.add(made ? new Namespace(NamespaceType.USER, path) : namespace);
    }
    return spec.withLinux(linux.withNamespaces(namespaces));
  }

  // What the config mounts there is meant so.
  private static void mount(List<Mount> mounts, String destination, String source) {
    for (Mount mount : mounts) {
      if (ContainerPath.clean(mount.destination()).equals(destination)) {
        return;
      }
    }
    mounts.add(
        new Mount(
            destination,
            "bind",
            source,
            List.of("bind", "nosuid", "noexec", "nodev"),
            List.of(),
            List.of()));
  }

  // The validator has let these pass for a namespace of the container's own.
  private static void refuseOnHost(Linux linux) {
    for (String name : linux.sysctl().keySet()) {
      if (name.startsWith("net.") || name.startsWith("net/")) {
        throw Failure.of(
                Failure.Code.INVALID_CONFIG,
                "sysctl \"" + name + "\" would change the host's network with --network host")
            .phase("plan")
            .pointer("/linux/sysctl/" + PointerSegment.of(name))
            .hint("take it out, or choose another network")
            .build();
      }
    }
    if (!linux.netDevices().isEmpty()) {
      throw Failure.of(
              Failure.Code.INVALID_CONFIG,
              "unable to move network devices without a private NET namespace")
          .phase("plan")
          .pointer("/linux/netDevices")
          .hint("choose another network than --network host")
          .build();
    }
  }

  /** Whether the request gives the container resolv.conf and hosts. */
  public static boolean hasNameFiles(NetworkRequest request) {
    return switch (request.mode()) {
      case BRIDGE, CNI, PASTA, SLIRP4NETNS -> true;
      case AS_CONFIGURED, NONE, HOST, NAMESPACE, CONTAINER -> false;
    };
  }

  /** The steps, in their order. */
  public static List<NetworkStep> steps(NetworkRequest request, Linux linux) {
    List<NetworkStep> steps = new ArrayList<>();
    List<PublishedPort> ports = request.ports();
    if (request.mode() == NetworkRequest.Mode.BRIDGE) {
      // Written down before there is anything: whoever cleans up after a crash goes by it.
      steps.add(
          new NetworkStep.LeaseAddresses(
              "", request.name(), request.subnets(), ports, request.attachment()));
    }
    if (hasNameFiles(request)) {
      // The mounts of the container need them; their content may come later.
      steps.add(new NetworkStep.MakeNameFiles(""));
    }
    switch (request.mode()) {
      case BRIDGE -> {
        steps.add(new NetworkStep.EnsureBridge("", request.name()));
        steps.add(new NetworkStep.ConnectToBridge("", request.name(), DEVICE));
        if (!ports.isEmpty()) {
          // Last: from here on strangers reach the container.
          steps.add(new NetworkStep.PublishPorts("", ports));
        }
      }
      case CNI -> steps.add(new NetworkStep.AddToCniNetwork("", request.name(), ports));
      case PASTA, SLIRP4NETNS ->
          steps.add(new NetworkStep.StartUserNetwork("", request.mode().word(), ports));
      case AS_CONFIGURED, NONE, HOST, NAMESPACE, CONTAINER -> {}
    }
    for (Map.Entry<String, NetDevice> device : linux.netDevices().entrySet()) {
      // After the device of ours: one that is moved keeps clear of names that are taken.
      String given = device.getValue().name();
      steps.add(
          new NetworkStep.MoveNetworkDevice(
              "/linux/netDevices/" + PointerSegment.of(device.getKey()),
              device.getKey(),
              given == null || given.isEmpty() ? device.getKey() : given));
    }
    return steps;
  }
}

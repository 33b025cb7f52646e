package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.ContainerNetwork;
import dev.jrunc.runtime.network.NetworkPlanner;
import dev.jrunc.runtime.network.NetworkRequest;
import dev.jrunc.runtime.plan.Plan;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.spec.Spec;
import org.jspecify.annotations.Nullable;

/** What {@code --network} means for one creation; nothing where it was not given. */
final class NetworkSetup {
  private final Linux linux;
  private final ContainerStore store;
  private final CreateRequest request;

  NetworkSetup(Linux linux, ContainerStore store, CreateRequest request) {
    this.linux = linux;
    this.store = store;
    this.request = request;
  }

  /** The config as the request changes it. */
  Spec into(Spec spec) {
    NetworkRequest network = request.plan().network();
    return switch (network.mode()) {
      case AS_CONFIGURED -> spec;
      case NONE, HOST -> NetworkPlanner.into(spec, network, null, "");
      case BRIDGE, CNI, PASTA, SLIRP4NETNS ->
          NetworkPlanner.into(spec, network, null, root() + "/" + request.id());
      case NAMESPACE -> NetworkPlanner.into(spec, network, network.name(), "");
      case CONTAINER -> joined(spec, network);
    };
  }

  // The files that names are looked up in are the other's too, where it has them.
  private Spec joined(Spec spec, NetworkRequest network) {
    ContainerId id = ContainerId.parse(network.name());
    ContainerState other = store.load(id);
    if (!other.init().alive(linux)) {
      throw Failure.of(
              Failure.Code.WRONG_STATUS,
              "cannot join the network of container \"" + id + "\": it does not run")
          .phase("network")
          .hint("a network lives as long as a process in it")
          .build();
    }
    String files = root() + "/" + id;
    boolean has =
        linux.files().statusOrNull(linux.currentDirectory(), files + "/resolv.conf", 0) != null;
    String path = "/proc/" + other.init().pid() + "/ns/net";
    Spec changed = NetworkPlanner.into(spec, network, path, has ? files : "");
    // Only root may join a network of another user namespace than the container's own.
    return linux.credentials().effectiveUid() == 0
        ? changed
        : NetworkPlanner.withUsersOf(changed, "/proc/" + other.init().pid() + "/ns/user");
  }

  private String root() {
    String root = store.root();
    return root.startsWith("/") ? root : linux.processes().currentDirectory() + "/" + root;
  }

  /** What performs the network's part of a plan, null where it has none. */
  @Nullable ContainerNetwork of(Spec spec, Plan plan) {
    NetworkRequest network = request.plan().network();
    if (network.mode() == NetworkRequest.Mode.AS_CONFIGURED && plan.network().isEmpty()) {
      return null;
    }
    String hostname = spec.hostname();
    return new ContainerNetwork(
        linux,
        root(),
        request.id().text(),
        hostname == null ? "" : hostname,
        network,
        request.cni(),
        plan.network());
  }
}

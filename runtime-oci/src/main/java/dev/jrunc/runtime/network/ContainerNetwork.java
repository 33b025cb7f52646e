package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.cni.Capabilities;
import dev.jrunc.runtime.network.cni.CniConfig;
import dev.jrunc.runtime.network.cni.CniNetwork;
import dev.jrunc.runtime.state.ProcessIdentity;
import dev.jrunc.runtime.trace.Phase;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Performs the network steps of one container, and unmakes what they made. What is reserved is
 * written down first, in the container's folder and in the lease file, so that {@code delete} finds
 * it whatever becomes of this process.
 */
public final class ContainerNetwork {
  private final Linux linux;
  private final String root;
  private final String id;
  private final String hostname;
  private final NetworkRequest request;
  private final CniPlaces cni;
  private final List<NetworkStep> steps;
  private final BridgeNetwork bridges;
  private @Nullable Membership membership;
  private @Nullable CniConfig cniConfig;
  private NetworkRecord record;
  private int bridgeIndex;

  /** Where CNI networks and plugins are. */
  public record CniPlaces(String configFolder, String pluginPath) {}

  /**
   * @param root absolute folder of all containers
   * @param hostname of the container, empty where the config has none
   */
  public ContainerNetwork(
      Linux linux,
      String root,
      String id,
      String hostname,
      NetworkRequest request,
      CniPlaces cni,
      List<NetworkStep> steps) {
    this.linux = linux;
    this.root = root;
    this.id = id;
    this.hostname = hostname;
    this.request = request;
    this.cni = cni;
    this.steps = steps;
    this.bridges = new BridgeNetwork(linux, root);
    this.record = NetworkRecord.of(request);
  }

  /** Reserves what can be reserved and says what is missing, before there is a process. */
  public void prepare(Descriptor folder) {
    if (request.mode() != NetworkRequest.Mode.AS_CONFIGURED) {
      record.write(linux, folder);
    }
    for (NetworkStep step : steps) {
      switch (step) {
        case NetworkStep.LeaseAddresses s -> {
          Phase.begin("lease addresses");
          lease(s, folder);
        }
        case NetworkStep.MakeNameFiles s -> {
          Phase.begin("make name files");
          new NameFiles(linux, folder).write(hostname, id, addresses());
        }
        case NetworkStep.AddToCniNetwork s -> requireCni(s, folder);
        case NetworkStep.StartUserNetwork s -> requireProgram(s);
        case NetworkStep.EnsureBridge s -> {}
        case NetworkStep.ConnectToBridge s -> {}
        case NetworkStep.PublishPorts s -> {}
        case NetworkStep.MoveNetworkDevice s -> {}
      }
    }
  }

  private List<IpAddress> addresses() {
    return membership == null ? List.of() : membership.addresses();
  }

  private void lease(NetworkStep.LeaseAddresses step, Descriptor folder) {
    Membership taken = bridges.lease(step, id);
    membership = taken;
    record =
        record
            .with(NetworkRecord.LINK, taken.lease().link())
            .with(NetworkRecord.DEVICE, NetworkPlanner.DEVICE)
            .with(NetworkRecord.ADDRESSES, taken.written());
    if (!taken.lease().mac().isEmpty()) {
      record = record.with(NetworkRecord.MAC, taken.lease().mac());
    }
    record.write(linux, folder);
  }

  private void requireCni(NetworkStep.AddToCniNetwork step, Descriptor folder) {
    Phase.begin("read cni network");
    if (linux.credentials().effectiveUid() != 0) {
      throw NetworkFailure.of(
          Failure.Code.UNSUPPORTED,
          "--network cni:" + step.network() + " is for root: plugins make devices on the host",
          "run as root; for others there is --network pasta or slirp4netns");
    }
    CniConfig config = CniNetwork.find(linux, cni.configFolder(), step.network());
    cniConfig = config;
    cniNetwork(config).require();
    // Before ADD: what fails in the middle of it, by whatever, is undone by DEL of the same.
    record =
        record
            .with(NetworkRecord.CNI_CONFIG, CniNetwork.written(config))
            .with(NetworkRecord.CNI_PATH, cni.pluginPath())
            .with(NetworkRecord.CNI_CAPABILITIES, capabilities().written());
    record.write(linux, folder);
  }

  private Capabilities capabilities() {
    return Capabilities.of(request.ports(), request.attachment());
  }

  private CniNetwork cniNetwork(CniConfig config) {
    return new CniNetwork(linux, config, cni.pluginPath(), id, capabilities());
  }

  private void requireProgram(NetworkStep.StartUserNetwork step) {
    UserNetwork.of(linux, step.program(), root + "/" + id);
    for (PublishedPort port : step.ports()) {
      new HostPorts(linux).requireFree(port);
    }
  }

  /** Whether {@link #connect} takes a handle, for a program that may open nothing by a pid. */
  public boolean needsHandle() {
    for (NetworkStep step : steps) {
      if (step instanceof NetworkStep.StartUserNetwork) {
        return true;
      }
    }
    return false;
  }

  /**
   * Does the rest, now that there is a process and with it a network namespace.
   *
   * @param handle on the namespace, null where none is needed
   */
  public void connect(int pid, @Nullable Descriptor handle, Descriptor folder) {
    for (NetworkStep step : steps) {
      connect(step, pid, handle, folder);
    }
  }

  private void connect(NetworkStep step, int pid, @Nullable Descriptor handle, Descriptor folder) {
    switch (step) {
      case NetworkStep.LeaseAddresses s -> {}
      case NetworkStep.MakeNameFiles s -> {}
      case NetworkStep.EnsureBridge s -> {
        Phase.begin("ensure bridge");
        bridgeIndex = bridges.ensure(s.bridge(), member());
      }
      case NetworkStep.ConnectToBridge s -> {
        Phase.begin("connect to bridge");
        try (NetworkNamespace there = NetworkNamespace.of(linux, pid)) {
          bridges.connect(s.bridge(), bridgeIndex, member(), s.device(), there);
        }
      }
      case NetworkStep.PublishPorts s -> {
        Phase.begin("publish ports");
        bridges.publish(request.name(), member(), s.ports());
      }
      case NetworkStep.AddToCniNetwork s -> {
        Phase.begin("add to cni network");
        addToCni(pid, folder);
      }
      case NetworkStep.StartUserNetwork s -> {
        Phase.begin("start user network");
        startProgram(s, java.util.Objects.requireNonNull(handle), folder);
      }
      case NetworkStep.MoveNetworkDevice s -> {
        Phase.begin("move network device", s.pointer());
        try (NetworkNamespace there = NetworkNamespace.of(linux, pid)) {
          new DeviceMove(linux).move(s.name(), s.newName(), there, s.pointer());
        }
      }
    }
  }

  private Membership member() {
    return java.util.Objects.requireNonNull(membership);
  }

  private void addToCni(int pid, Descriptor folder) {
    CniConfig config = java.util.Objects.requireNonNull(cniConfig);
    NamespacePin pin = new NamespacePin(linux, root + "/" + id);
    pin.set(pid);
    CniNetwork.Added added = cniNetwork(config).add(pin.path());
    record =
        record
            .with(NetworkRecord.CNI_RESULT, added.result())
            .with(NetworkRecord.DEVICE, NetworkPlanner.DEVICE)
            .with(NetworkRecord.ADDRESSES, String.join(" ", added.addresses()));
    record.write(linux, folder);
    NameFiles files = new NameFiles(linux, folder);
    if (!added.resolver().isEmpty()) {
      files.resolver(added.resolver());
    }
    List<IpAddress> addresses = new ArrayList<>();
    for (String address : added.addresses()) {
      int slash = address.indexOf('/');
      IpAddress parsed = IpAddress.parse(slash < 0 ? address : address.substring(0, slash));
      if (parsed != null) {
        addresses.add(parsed);
      }
    }
    files.hosts(hostname, id, addresses);
  }

  private void startProgram(
      NetworkStep.StartUserNetwork step, Descriptor handle, Descriptor folder) {
    UserNetwork network = UserNetwork.of(linux, step.program(), root + "/" + id);
    ProcessIdentity identity = network.start(handle, step.ports());
    record =
        record
            .with(NetworkRecord.DEVICE, NetworkPlanner.DEVICE)
            .with(NetworkRecord.PID, Integer.toString(identity.pid()))
            .with(NetworkRecord.START, Long.toString(identity.startTime()));
    record.write(linux, folder);
    if (step.program().equals("slirp4netns")) {
      NameFiles files = new NameFiles(linux, folder);
      files.resolver(Slirp.RESOLVER);
      IpAddress address = IpAddress.parse(Slirp.ADDRESS);
      files.hosts(hostname, id, address == null ? List.of() : List.of(address));
    }
  }

  /** Takes back what was made so far. */
  public void undo() {
    new BridgeRelease(linux, root).clear(NetworkRelease.release(linux, root, id, record, true));
  }

  /** The record in a container's folder, null if it has none. */
  public static @Nullable NetworkRecord recordOf(Linux linux, String root, String id) {
    int flags = OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.NOFOLLOW;
    long opened = linux.files().openRaw(linux.currentDirectory(), root + "/" + id, flags, 0);
    if (opened < 0) {
      return null;
    }
    try (Descriptor folder = new Descriptor(linux.gate(), (int) opened)) {
      return NetworkRecord.read(linux, folder);
    }
  }
}

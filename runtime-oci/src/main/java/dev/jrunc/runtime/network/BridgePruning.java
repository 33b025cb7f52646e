package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Linux;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes away what nobody needs any more: stale leases, empty bridges, files that are damaged. */
public final class BridgePruning {
  private final Linux linux;
  private final String root;

  /**
   * @param root folder of all containers
   */
  public BridgePruning(Linux linux, String root) {
    this.linux = linux;
    this.root = root;
  }

  /** What prune took away, in sentences. */
  public List<String> prune(List<NetworkRecord> records, List<String> owners) {
    List<String> told = new ArrayList<>();
    try (NetworkFolder folder = NetworkFolder.lockExisting(linux, root)) {
      if (folder == null) {
        return told;
      }
      String boot = NetworkFolder.boot(linux);
      for (String bridge : folder.bridges()) {
        LeaseFile file = folder.readOrNull(bridge);
        if (file == null) {
          file = LeaseRepair.rebuild(linux, bridge, boot, records, owners);
          told.add("lease file of " + bridge + " written again");
        }
        prune(folder, bridge, file, boot, told);
      }
    }
    return told;
  }

  private void prune(
      NetworkFolder folder,
      String bridge,
      @Nullable LeaseFile file,
      String boot,
      List<String> told) {
    if (file == null) {
      folder.remove(bridge);
      return;
    }
    LeaseFile current =
        file.boot().equals(boot)
            ? new StaleLeases(linux, root).without(bridge, file)
            : new LeaseFile(boot, file.mac(), file.subnets(), file.next(), List.of());
    for (Lease lease : file.leases()) {
      if (current.of(lease.container()) == null) {
        told.add("lease of container " + lease.container() + " on " + bridge);
      }
    }
    if (current.isEmpty()) {
      new Bridge(linux, bridge).remove(file.mac());
      folder.remove(bridge);
      told.add("bridge " + bridge);
    } else {
      folder.write(bridge, current);
    }
  }
}

package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.runtime.network.cni.Capabilities;
import dev.jrunc.runtime.network.cni.CniConfig;
import dev.jrunc.runtime.network.cni.CniNetwork;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Lets the plugins of a CNI network forget the containers that are gone. */
public final class CniCollection {
  private CniCollection() {}

  /**
   * Has the plugins of a CNI network take back what they have of containers that are not below this
   * root; others that use the network lose theirs.
   *
   * @return the containers that are on it
   */
  public static List<String> collect(
      Linux linux, String root, String network, ContainerNetwork.CniPlaces cni) {
    CniConfig config = CniNetwork.find(linux, cni.configFolder(), network);
    List<String> attached = new ArrayList<>();
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    try (Descriptor folder = linux.files().open(linux.currentDirectory(), root, flags, 0)) {
      // Those that are being made too: they have a record before they have a state.
      for (String id : linux.files().list(folder)) {
        NetworkRecord record =
            id.startsWith(".") ? null : ContainerNetwork.recordOf(linux, root, id);
        boolean here =
            record != null
                && record.value(NetworkRecord.MODE).equals("cni")
                && record.value(NetworkRecord.NAME).equals(network);
        if (here) {
          attached.add(id);
        }
      }
    }
    Collections.sort(attached);
    new CniNetwork(linux, config, cni.pluginPath(), "", Capabilities.kept("")).collect(attached);
    return attached;
  }
}

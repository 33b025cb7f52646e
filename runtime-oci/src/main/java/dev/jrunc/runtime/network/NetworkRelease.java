package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.cni.Capabilities;
import dev.jrunc.runtime.network.cni.CniNetwork;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Unmakes what a container has of the network, by what its record says. */
public final class NetworkRelease {
  private NetworkRelease() {}

  /**
   * Takes back what a container has of the network, all but devices and bridges that are left for
   * {@link BridgeRelease#clear}.
   *
   * @param record null where it has none that can be read
   * @param forced whether plugins that fail are no reason to fail
   */
  public static List<Remains> release(
      Linux linux, String root, String id, @Nullable NetworkRecord record, boolean forced) {
    String mode = record == null ? "bridge" : record.value(NetworkRecord.MODE);
    if (record != null && mode.equals("cni")) {
      removeFromCni(linux, root + "/" + id, id, record, forced);
    } else if (record != null && (mode.equals("pasta") || mode.equals("slirp4netns"))) {
      endProgram(linux, root + "/" + id, record);
    } else if (mode.equals("bridge")) {
      return new BridgeRelease(linux, root).release(id);
    }
    return List.of();
  }

  private static void endProgram(Linux linux, String folder, NetworkRecord record) {
    ProcessIdentity written = program(record);
    if (written != null) {
      UserNetwork.end(linux, written);
      return;
    }
    for (ProcessIdentity program : new ProgramSearch(linux).of(folder)) {
      UserNetwork.end(linux, program);
    }
  }

  static @Nullable ProcessIdentity program(NetworkRecord record) {
    return record.value(NetworkRecord.PID).isEmpty()
        ? null
        : new ProcessIdentity(
            Integer.parseInt(record.value(NetworkRecord.PID)),
            Long.parseLong(record.value(NetworkRecord.START)));
  }

  private static void removeFromCni(
      Linux linux, String folder, String id, NetworkRecord record, boolean forced) {
    NamespacePin pin = new NamespacePin(linux, folder);
    String config = record.value(NetworkRecord.CNI_CONFIG);
    String reasons = config.isEmpty() ? "" : removeFromCni(linux, pin, id, record, config);
    if (!reasons.isEmpty() && !forced) {
      throw Failure.of(Failure.Code.SYSTEM, reasons)
          .phase("remove from cni network")
          .hint("mend it and delete again; --force deletes the container nevertheless")
          .build();
    }
    pin.release();
  }

  private static String removeFromCni(
      Linux linux, NamespacePin pin, String id, NetworkRecord record, String config) {
    CniNetwork network =
        new CniNetwork(
            linux,
            CniNetwork.kept(config),
            record.value(NetworkRecord.CNI_PATH),
            id,
            Capabilities.kept(record.value(NetworkRecord.CNI_CAPABILITIES)));
    // Section 2, "DEL": without a namespace as much is taken back as can be.
    return network.delete(pin.holds() ? pin.path() : "", record.value(NetworkRecord.CNI_RESULT));
  }
}

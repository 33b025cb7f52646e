package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.cni.Capabilities;
import dev.jrunc.runtime.network.cni.CniNetwork;
import dev.jrunc.runtime.state.ProcessIdentity;

/** Asks whether a container still has the network that was made for it. */
public final class NetworkCheck {
  private NetworkCheck() {}

  /** Asks whether all of a container's network is still as it was made. */
  public static void check(Linux linux, String root, String id, NetworkRecord record, int pid) {
    String mode = record.value(NetworkRecord.MODE);
    if (mode.equals("cni")) {
      new CniNetwork(
              linux,
              CniNetwork.kept(record.value(NetworkRecord.CNI_CONFIG)),
              record.value(NetworkRecord.CNI_PATH),
              id,
              Capabilities.kept(record.value(NetworkRecord.CNI_CAPABILITIES)))
          .check(
              new NamespacePin(linux, root + "/" + id).path(),
              record.value(NetworkRecord.CNI_RESULT));
      return;
    }
    if (mode.equals("bridge")) {
      BridgeCheck.check(linux, record, pid);
    }
    if (mode.equals("pasta") || mode.equals("slirp4netns")) {
      requireProgramRuns(linux, record, mode);
    }
  }

  private static void requireProgramRuns(Linux linux, NetworkRecord record, String name) {
    ProcessIdentity program = NetworkRelease.program(record);
    if (program == null || !program.alive(linux)) {
      throw Failure.of(Failure.Code.SYSTEM, name + " does not run any more")
          .phase("check network")
          .hint("somebody has ended it; a new container gets another")
          .build();
    }
  }
}

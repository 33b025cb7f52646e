package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.ProcessCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.BridgeRelease;
import dev.jrunc.runtime.network.ContainerNetwork;
import dev.jrunc.runtime.network.NetworkRecord;
import dev.jrunc.runtime.network.NetworkRelease;
import dev.jrunc.runtime.network.Remains;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.runtime.trace.Phase;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes back what a container has of the network; nothing where it has no record of one. */
final class NetworkRemoval {
  /** How long a bridge without containers waits for the next one, and how often it looks. */
  private static final int BRIDGE_STAYS_MILLIS = 5000;

  private static final int LOOK_MILLIS = 500;

  private final Linux linux;
  private final ContainerStore store;

  NetworkRemoval(Linux linux, ContainerStore store) {
    this.linux = linux;
    this.store = store;
  }

  /** What must have been done when this comes back. */
  enum Manner {
    /** All of it. */
    WHOLE,
    /** All of it, but what cannot be taken back does not keep the container. */
    FORCED,
    /**
     * Addresses and ports are free; devices go from a process of its own: for each the kernel waits
     * for all processors to have forgotten it, which is longer than a whole container takes.
     */
    ASIDE
  }

  void remove(ContainerId id, Manner manner) {
    if (!recorded(id)) {
      return;
    }
    Phase.begin("remove network");
    List<Remains> remains = release(id, manner);
    if (remains.isEmpty()) {
      return;
    }
    if (manner == Manner.ASIDE) {
      clearAside(remains);
    } else {
      new BridgeRelease(linux, store.root()).clear(remains);
    }
  }

  /** Takes back what there is of a container that has no state any more. */
  void force(ContainerId id) {
    new BridgeRelease(linux, store.root()).clear(release(id, Manner.FORCED));
  }

  private boolean recorded(ContainerId id) {
    String path = store.root() + "/" + id + "/" + NetworkRecord.FILE;
    return linux.files().accessRaw(linux.currentDirectory(), path, 0) == 0;
  }

  private List<Remains> release(ContainerId id, Manner manner) {
    NetworkRecord record = read(id, manner);
    boolean forced = manner == Manner.FORCED;
    return NetworkRelease.release(linux, store.root(), id.text(), record, forced);
  }

  private @Nullable NetworkRecord read(ContainerId id, Manner manner) {
    try {
      return ContainerNetwork.recordOf(linux, store.root(), id.text());
    } catch (Failure e) {
      if (manner != Manner.FORCED) {
        throw e;
      }
      return null;
    }
  }

  private void clearAside(List<Remains> remains) {
    ProcessCalls.Clone clone = linux.processes().clone(0, null);
    if (clone.inChild()) {
      try {
        leaveCaller(remains);
        clearLater(new BridgeRelease(linux, store.root()), remains);
      } catch (RuntimeException e) {
        linux.processes().exit(1);
      }
      linux.processes().exit(0);
    }
    Descriptor cleaner = clone.pidfd();
    if (cleaner != null) {
      cleaner.close();
    }
    for (Remains each : remains) {
      // The other process still has it, so this does not wait.
      each.close();
    }
  }

  // The kernel takes the devices along with the container's namespace, in its own time; what is
  // left then has a namespace that somebody shares. The last of many containers has the bridge.
  private void clearLater(BridgeRelease bridges, List<Remains> remains) {
    linux.processes().poll(List.of(), new int[0], LOOK_MILLIS);
    bridges.removeLinks(remains);
    for (int slept = LOOK_MILLIS; slept < BRIDGE_STAYS_MILLIS; slept += LOOK_MILLIS) {
      if (!bridges.unusedSince(remains)) {
        return;
      }
      linux.processes().poll(List.of(), new int[0], LOOK_MILLIS);
    }
    if (bridges.unusedSince(remains)) {
      bridges.removeUnused(remains);
    }
  }

  // Whoever waits for the end of the command's output must not wait for this process.
  private void leaveCaller(List<Remains> remains) {
    linux.processes().blockSignals(0);
    linux.processes().newSessionRaw();
    try (Descriptor nothing =
        linux.files().open(linux.currentDirectory(), "/dev/null", OpenFlags.RDWR, 0)) {
      for (int stream = 0; stream < 3; stream++) {
        linux.streams().duplicateOnto(nothing, stream);
      }
    } catch (SyscallFailed e) {
      linux.processes().exit(1);
    }
    closeAllBut(remains);
    // The state folder may be a relative path.
    if (store.root().startsWith("/")) {
      linux.processes().changeDirectoryRaw("/");
    }
  }

  // What is held is for this process to close at its end, when nobody waits for it.
  private void closeAllBut(List<Remains> remains) {
    int[] held = new int[remains.size()];
    int count = 0;
    for (Remains each : remains) {
      Descriptor open = each.held();
      if (open != null) {
        held[count++] = open.number();
      }
    }
    Arrays.sort(held, 0, count);
    int from = 3;
    for (int i = 0; i < count; i++) {
      if (held[i] > from) {
        linux.streams().closeRange(from, held[i] - 1);
      }
      from = held[i] + 1;
    }
    linux.streams().closeRange(from, -1);
  }
}

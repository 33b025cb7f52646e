package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.runtime.netlink.NetlinkSocket;
import org.jspecify.annotations.Nullable;

/**
 * What is left to be unmade of a container whose lease is given back: it takes its time.
 *
 * @param link the host's end of its pair of devices, empty where it is gone for sure
 * @param next of the lease file then: another container since has moved it on
 * @param rules by which its ports were closed, null where it had none. To close this waits until
 *     every processor has forgotten them, 5 to 20 ms
 */
public record Remains(String bridge, String link, int next, @Nullable NetlinkSocket rules)
    implements AutoCloseable {

  /** What is still open, null for nothing. */
  public @Nullable Descriptor held() {
    return rules == null ? null : rules.descriptor();
  }

  @Override
  public void close() {
    if (rules != null) {
      rules.close();
    }
  }
}

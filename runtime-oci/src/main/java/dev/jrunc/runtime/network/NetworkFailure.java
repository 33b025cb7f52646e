package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Errno;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.netlink.NetlinkFailed;

/** Failures of this package: what was to be done, why not, how to mend it. */
final class NetworkFailure {
  /** The phase of them all that are of no step. */
  static final String PHASE = "network";

  private NetworkFailure() {}

  static Failure of(String what, NetlinkFailed cause) {
    return Failure.of(Failure.Code.SYSTEM, what + ": " + cause.getMessage())
        .phase(PHASE)
        .errno(cause.errno())
        .hint(hint(cause.errno()))
        .because(cause);
  }

  private static String hint(int errno) {
    return switch (errno) {
      case Errno.EPERM ->
          "run as root, who has CAP_NET_ADMIN; for others there is --network pasta or slirp4netns";
      case Errno.EOPNOTSUPP -> "this kernel was built without this kind of device";
      default -> "";
    };
  }

  static Failure of(Failure.Code code, String what, String hint) {
    return Failure.of(code, what).phase(PHASE).hint(hint).build();
  }
}

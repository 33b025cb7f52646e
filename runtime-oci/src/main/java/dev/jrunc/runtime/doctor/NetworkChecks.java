package dev.jrunc.runtime.doctor;

import dev.jrunc.runtime.network.cni.CniNetwork;
import dev.jrunc.spec.Separated;
import org.jspecify.annotations.Nullable;

/** What the modes of {@code --network} need beside the kernel. */
final class NetworkChecks {
  private final Host host;
  private final Checks checks;

  NetworkChecks(Host host, Checks checks) {
    this.host = host;
    this.checks = checks;
  }

  void run() {
    if (host.uid() == 0) {
      String nft = host.networkProgram("nft");
      report("bridge", nft, "no nft program: --network bridge cannot make its rules", "nftables");
      cni();
    }
    String pasta = host.networkProgram("pasta");
    report("pasta", pasta, "no pasta program for --network pasta", "passt");
    String slirp = host.networkProgram("slirp4netns");
    report("slirp4netns", slirp, "no slirp4netns program for --network slirp4netns", "slirp4netns");
    tap();
  }

  private void report(String mode, @Nullable String path, String otherwise, String install) {
    if (path == null) {
      checks.limited("network " + mode, otherwise, "install " + install);
    } else {
      checks.ok("network " + mode, path);
    }
  }

  private void cni() {
    String given = host.variable("CNI_PATH");
    String folders = given == null ? CniNetwork.DEFAULT_PATH : given;
    for (String folder : Separated.by(':', folders)) {
      if (host.mayExecute(folder + "/bridge")) {
        checks.ok("network cni", "plugins in " + folder);
        return;
      }
    }
    checks.limited(
        "network cni",
        "no plugins in " + folders + " for --network cni:NAME",
        "install containernetworking-plugins, or name their folder in CNI_PATH");
  }

  private void tap() {
    if (host.mayUse("/dev/net/tun")) {
      checks.ok("tap device", "/dev/net/tun, for pasta and slirp4netns");
    } else if (host.exists("/dev/net/tun")) {
      checks.limited(
          "tap device",
          "this user may not open /dev/net/tun: pasta and slirp4netns cannot work",
          "as root: chmod 666 /dev/net/tun");
    } else {
      checks.limited(
          "tap device",
          "no /dev/net/tun: pasta and slirp4netns cannot work",
          "as root: modprobe tun");
    }
  }
}

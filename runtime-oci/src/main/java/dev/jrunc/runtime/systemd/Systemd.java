package dev.jrunc.runtime.systemd;

import dev.jrunc.kernel.FileMode;
import dev.jrunc.kernel.FileStatus;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.dbus.BusConnection;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.process.Environment;
import java.util.ArrayList;
import java.util.List;

/**
 * The systemd of this host that is ours: that of the system for root, that of their own session for
 * other users. Nothing is asked before somebody needs it.
 *
 * @param environment of this process, as {@code NAME=VALUE}
 */
public record Systemd(Linux linux, List<String> environment) {
  /** The folder that tells of a host booted with systemd: sd_booted(3). */
  public static final String BOOTED = "/run/systemd/system";

  // These are fixed: sd_booted(3), and what systemctl(1) and dbus-daemon(1) use.
  private static final String PRIVATE = "/run/systemd/private";
  private static final String SYSTEM_BUS = "/run/dbus/system_bus_socket";

  public Systemd {
    environment = List.copyOf(environment);
  }

  /** Whether this host was booted with systemd. */
  public boolean running() {
    FileStatus status = linux.files().statusOrNull(linux.currentDirectory(), BOOTED, 0);
    return status != null && status.is(FileMode.DIRECTORY);
  }

  /** Fails with runc's sentence where there is no systemd to ask. */
  public void require() {
    if (!running()) {
      throw Failure.of(
              Failure.Code.UNSUPPORTED,
              "systemd cgroup flag passed, but systemd support for managing cgroups is not"
                  + " available: systemd not running on this host, cannot use systemd cgroups"
                  + " manager")
          .phase("cgroup")
          .path(BOOTED)
          .hint("leave --systemd-cgroup out, and write cgroupsPath as a path")
          .build();
    }
  }

  /**
   * Whether it is the session's. Root of a user namespace is asked for by who owns the system's
   * bus: nobody we know, if that root is really another user.
   */
  boolean ofSession() {
    if (linux.credentials().effectiveUid() != 0) {
      return true;
    }
    FileStatus bus = linux.files().statusOrNull(linux.currentDirectory(), SYSTEM_BUS, 0);
    return bus != null && bus.uid() != 0;
  }

  UnitManager connect() {
    List<Way> ways = ofSession() ? sessionsWays() : systemsWays();
    RuntimeException last = null;
    for (Way way : ways) {
      try {
        return new UnitManager(BusConnection.open(linux, way.address, way.peer));
      } catch (SyscallFailed e) {
        last = e;
      } catch (Failure e) {
        if (e.code() == Failure.Code.INTERRUPTED) {
          throw e;
        }
        last = e;
      }
    }
    String reason = last == null ? "no address is known" : String.valueOf(last.getMessage());
    throw Failure.of(Failure.Code.SYSTEM, "failed to connect to dbus: " + reason)
        .phase("dbus")
        .hint(
            ofSession()
                ? "a user needs a session: DBUS_SESSION_BUS_ADDRESS or XDG_RUNTIME_DIR, see"
                    + " loginctl enable-linger, and the package dbus-user-session"
                : "systemd listens at " + PRIVATE + " and the bus at " + SYSTEM_BUS)
        .because(last);
  }

  private record Way(String address, BusConnection.Peer peer) {}

  // Straight to systemd first, as systemctl does: it saves the way through the bus, and works where
  // none is installed.
  private List<Way> systemsWays() {
    String given = Environment.value(environment, "DBUS_SYSTEM_BUS_ADDRESS");
    if (given != null) {
      return List.of(new Way(given, BusConnection.Peer.BUS));
    }
    return List.of(
        new Way("unix:path=" + PRIVATE, BusConnection.Peer.PROGRAM),
        new Way("unix:path=" + SYSTEM_BUS, BusConnection.Peer.BUS));
  }

  private List<Way> sessionsWays() {
    List<Way> ways = new ArrayList<>();
    String folder = Environment.value(environment, "XDG_RUNTIME_DIR");
    String given = Environment.value(environment, "DBUS_SESSION_BUS_ADDRESS");
    if (folder != null) {
      String escaped = folder.replace("%", "%25").replace(",", "%2c").replace(";", "%3b");
      ways.add(new Way("unix:path=" + escaped + "/systemd/private", BusConnection.Peer.PROGRAM));
      if (given == null) {
        ways.add(new Way("unix:path=" + escaped + "/bus", BusConnection.Peer.BUS));
      }
    }
    if (given != null) {
      ways.add(new Way(given, BusConnection.Peer.BUS));
    }
    return ways;
  }
}

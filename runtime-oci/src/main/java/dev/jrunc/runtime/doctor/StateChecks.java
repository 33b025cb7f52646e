package dev.jrunc.runtime.doctor;

/** The folder where containers are kept in mind. */
final class StateChecks {
  private final Host host;
  private final String root;
  private final Checks checks;

  StateChecks(Host host, String root, Checks checks) {
    this.host = host;
    this.root = root;
    this.checks = checks;
  }

  void run() {
    if (!host.mayMake(root + "/container")) {
      checks.missing(
          "state",
          "no state can be kept in " + root,
          host.uid() == 0
              ? "make room for writing there, or name another folder with --root"
              : "set XDG_RUNTIME_DIR to a folder of this user, or name one with --root");
      return;
    }
    checks.ok("state", "is kept in " + root);
    String cache = root + "/.cache/seccomp";
    if (host.mayMake(cache + "/filter")) {
      checks.ok("seccomp cache", "compiled filters are kept in " + cache);
    } else {
      checks.limited(
          "seccomp cache",
          cache + " cannot be written: each start compiles its filter again",
          "as root: remove the folder, or give it to this user");
    }
  }
}

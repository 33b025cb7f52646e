package dev.jrunc.runtime.doctor;

import dev.jrunc.kernel.Linux;
import java.util.List;

/** Looks at everything that containers of this user on this host need or may ask for. */
public final class Doctor {
  private final Host host;
  private final String stateRoot;

  /**
   * @param environment of this process, as {@code NAME=VALUE}
   * @param stateRoot where the state of containers would be kept
   */
  public Doctor(Linux linux, List<String> environment, String stateRoot) {
    this(new ThisHost(linux, environment), stateRoot);
  }

  Doctor(Host host, String stateRoot) {
    this.host = host;
    this.stateRoot = stateRoot;
  }

  public Diagnosis diagnose() {
    Checks checks = new Checks();
    new KernelChecks(host, checks).run();
    new UserChecks(host, checks).run();
    new CgroupChecks(host, checks).run();
    new SecurityChecks(host, checks).run();
    new NetworkChecks(host, checks).run();
    new StateChecks(host, stateRoot, checks).run();
    return new Diagnosis(host.uid(), checks.inOrder());
  }
}

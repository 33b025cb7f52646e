package dev.jrunc.runtime.plan;

import dev.jrunc.runtime.network.NetworkRequest;

/**
 * What the command line says about a creation, beside the config.
 *
 * @param containerId names the session keyring
 * @param bundle absolute path that relative paths of the config start from
 * @param root what is done with the old root
 * @param keyring whether the container gets a session keyring of its own
 * @param gate whether the process waits for {@code start}
 * @param preservedDescriptors how many from 3 on the program keeps
 * @param driver who makes the cgroups
 * @param network what the command line asks for beside the config
 */
public record PlanOptions(
    String containerId,
    String bundle,
    Root root,
    Keyring keyring,
    Gate gate,
    int preservedDescriptors,
    Driver driver,
    NetworkRequest network) {

  /** How the root is changed: {@code --no-pivot} is for an initramfs, which cannot be pivoted. */
  public enum Root {
    PIVOT,
    MOVE
  }

  /** {@code --no-new-keyring} keeps the caller's. */
  public enum Keyring {
    NEW,
    CALLERS
  }

  /** {@code --systemd-cgroup} has systemd make them. */
  public enum Driver {
    CGROUPFS,
    SYSTEMD
  }

  /** {@code create} waits for {@code start}; {@code run} goes on. */
  public enum Gate {
    WAIT,
    GO_ON
  }
}

package dev.jrunc.runtime.capability;

import dev.jrunc.kernel.CredentialCalls.CapabilitySets;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;

/**
 * Gives the child its capabilities:
 *
 * <ol>
 *   <li>{@link #beforeIds}: the bounding set, which needs CAP_SETPCAP, and the request to keep the
 *       permitted set over setuid, which the kernel empties otherwise
 *   <li>setgroups, setgid, setuid: the caller, with the capabilities it still has
 *   <li>{@link #afterIds}: the sets themselves, then the ambient ones, which must be permitted and
 *       inheritable by then
 *   <li>{@link #dropFilterRight}, where one was kept to load the seccomp filter with
 * </ol>
 */
public final class CapabilityApplier {
  private static final long SYS_ADMIN = 1L << 21;
  private static final int SET_KEEPCAPS = 8;
  private static final int DROP_BOUNDING = 24;
  private static final int AMBIENT = 47;
  private static final int AMBIENT_RAISE = 2;
  private static final int AMBIENT_CLEAR_ALL = 4;

  private final Linux linux;
  private final CapabilityPlan plan;

  public CapabilityApplier(Linux linux, CapabilityPlan plan) {
    this.linux = linux;
    this.plan = plan;
  }

  /** Drops the bounding set and asks to keep capabilities over the change of user. */
  public void beforeIds() {
    long drop = plan.known() & ~plan.bounding();
    for (int i = 0; i < Capability.COUNT; i++) {
      if ((drop & (1L << i)) != 0) {
        long result = linux.processes().controlRaw(DROP_BOUNDING, i, 0, 0, 0);
        if (result < 0) {
          throw failed("cannot drop " + Capability.name(i), result, "bounding");
        }
      }
    }
    dropNewer();
    long kept = linux.processes().controlRaw(SET_KEEPCAPS, 1, 0, 0, 0);
    if (kept < 0) {
      throw failed("cannot keep capabilities", kept, "permitted");
    }
  }

  // Those of a kernel newer than this runtime, which no config can name: execve(2) by root would
  // give them to the program out of the bounding set. EINVAL says that there is no more.
  private void dropNewer() {
    int bits = 64;
    for (int i = Capability.COUNT; i < bits; i++) {
      if (linux.processes().controlRaw(DROP_BOUNDING, i, 0, 0, 0) < 0) {
        return;
      }
    }
  }

  /**
   * Sets effective, permitted and inheritable, then ambient.
   *
   * @param filterFollows whether CAP_SYS_ADMIN is to stay until {@link #dropFilterRight}
   */
  public void afterIds(boolean filterFollows) {
    // Otherwise a later execve of a set-user-id program would keep them as well.
    linux.processes().controlRaw(SET_KEEPCAPS, 0, 0, 0, 0);
    long kept = filterFollows ? linux.credentials().capabilities().permitted() & SYS_ADMIN : 0;
    set(kept);
    linux.processes().controlRaw(AMBIENT, AMBIENT_CLEAR_ALL, 0, 0, 0);
    // The others the kernel refuses; runc warns of them and goes on, and the plan has the warning.
    long raise = plan.ambient() & plan.permitted() & plan.inheritable();
    for (int i = 0; i < Capability.COUNT; i++) {
      if ((raise & (1L << i)) != 0) {
        long raised = linux.processes().controlRaw(AMBIENT, AMBIENT_RAISE, i, 0, 0);
        if (raised < 0) {
          throw failed("can't raise ambient capability " + Capability.name(i), raised, "ambient");
        }
      }
    }
  }

  /** The sets become those of the config. It takes but capset(2), which the filter must allow. */
  public void dropFilterRight() {
    set(0);
  }

  private void set(long kept) {
    CapabilitySets sets =
        new CapabilitySets(plan.effective() | kept, plan.permitted() | kept, plan.inheritable());
    long result = linux.credentials().setCapabilitiesRaw(sets);
    if (result < 0) {
      throw failed("unable to apply caps", result, "effective");
    }
  }

  private static Failure failed(String what, long result, String set) {
    int errno = (int) -result;
    return Failure.of(Failure.Code.SYSTEM, what + ": " + Errno.message(errno))
        .phase("capabilities")
        .pointer("/process/capabilities/" + set)
        .errno(errno)
        .hint("see CapBnd and CapPrm in /proc/self/status for what this process may give")
        .build();
  }
}

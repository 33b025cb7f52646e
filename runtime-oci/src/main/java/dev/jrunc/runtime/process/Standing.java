package dev.jrunc.runtime.process;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.cgroup.CgroupEntry;
import dev.jrunc.runtime.seccomp.SeccompProgram;
import org.jspecify.annotations.Nullable;

/**
 * What a container's process holds from before it was made: all that its steps cannot reach any
 * more once it has another root, other rights and a filter.
 *
 * @param joining the namespaces to join
 * @param cgroup the way into its cgroups, null if it stays where it is
 * @param filter the compiled seccomp filter, null for none
 * @param gate the FIFO of {@link StartGate}, null where it goes on by itself
 * @param handover how the listener of the filter comes to the creating process
 * @param consoleSocket where the terminal's master is sent, null for the creating process
 * @param hookState the state document for hooks run inside, by the status it is to name
 */
public record Standing(
    Linux linux,
    Joining joining,
    @Nullable CgroupEntry cgroup,
    @Nullable SeccompProgram filter,
    ListenerHandover handover,
    @Nullable Descriptor gate,
    @Nullable Descriptor consoleSocket,
    HookState hookState) {

  /** Writes the state document for a hook. */
  public interface HookState {
    byte[] document(String kind, int pid);
  }
}

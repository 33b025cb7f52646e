package dev.jrunc.runtime.container;

import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.spec.Process;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code exec} was asked for.
 *
 * @param process the program, complete
 * @param allowPaused whether a paused container is no obstacle
 * @param preservedDescriptors how many from 3 on the program keeps
 * @param subGroups cgroups below the container's to enter, as the command line names them
 * @param pidfdSocket where a handle on the program is sent, null for nowhere
 */
public record ExecRequest(
    ContainerId id,
    Process process,
    boolean detached,
    boolean allowPaused,
    @Nullable String pidFile,
    @Nullable String consoleSocket,
    int preservedDescriptors,
    List<String> subGroups,
    @Nullable String pidfdSocket) {
  public ExecRequest {
    subGroups = List.copyOf(subGroups);
  }

  /** The same for another program. */
  ExecRequest of(Process other) {
    return new ExecRequest(
        id,
        other,
        detached,
        allowPaused,
        pidFile,
        consoleSocket,
        preservedDescriptors,
        subGroups,
        pidfdSocket);
  }
}

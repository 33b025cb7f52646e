package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a seccomp agent is told with its descriptor, "The Container Process State" of config-linux.
 *
 * @param fds the names of the descriptors that come with it, in their order
 * @param pid the process, as the runtime sees it
 * @param metadata the profile's listenerMetadata, null for none
 * @param state of the container it belongs to
 */
public record ContainerProcessState(
    String ociVersion, List<String> fds, int pid, @Nullable String metadata, State state) {
  /** The name of the descriptor by which an agent answers. */
  public static final String SECCOMP_FD = "seccompFd";

  public ContainerProcessState {
    fds = List.copyOf(fds);
  }
}

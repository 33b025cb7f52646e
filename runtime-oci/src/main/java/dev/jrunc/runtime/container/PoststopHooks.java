package dev.jrunc.runtime.container;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.hook.HookRunner;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.trace.Narration;
import dev.jrunc.runtime.trace.Phase;
import dev.jrunc.spec.ContainerStatus;
import dev.jrunc.spec.Hook;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecReader;
import dev.jrunc.spec.SpecWriter;
import java.util.List;

/**
 * The hooks that take down what other hooks have set up. runtime-spec, "Lifecycle": they run when a
 * container is deleted, and when its creation fails in or after its first hooks.
 */
final class PoststopHooks {
  private final Linux linux;

  PoststopHooks(Linux linux) {
    this.linux = linux;
  }

  /** Runs those of a config as it was kept; one that fails does not keep the others from it. */
  void run(byte[] config, ContainerState state) {
    if (!Start.mentions(config, "poststop")) {
      return;
    }
    Spec spec = SpecReader.readConfig(config).spec();
    run(spec == null ? List.of() : spec.hooks().poststop(), state);
  }

  void run(List<Hook> hooks, ContainerState state) {
    if (hooks.isEmpty()) {
      return;
    }
    byte[] document = SpecWriter.state(StateView.describe(state, ContainerStatus.STOPPED, 0), "");
    for (int i = 0; i < hooks.size(); i++) {
      Phase.begin("run poststop hook", "/hooks/poststop/" + i);
      String reason = new HookRunner(linux).run(hooks.get(i), document);
      if (!reason.isEmpty()) {
        Narration.warn("error running poststop hook #" + i + ": " + reason);
      }
    }
  }
}

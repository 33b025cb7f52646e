package dev.jrunc.spec;

import java.util.List;

/** The hooks by the point they are run at; all empty where the config has none. */
public record Hooks(
    List<Hook> prestart,
    List<Hook> createRuntime,
    List<Hook> createContainer,
    List<Hook> startContainer,
    List<Hook> poststart,
    List<Hook> poststop) {
  public Hooks {
    prestart = List.copyOf(prestart);
    createRuntime = List.copyOf(createRuntime);
    createContainer = List.copyOf(createContainer);
    startContainer = List.copyOf(startContainer);
    poststart = List.copyOf(poststart);
    poststop = List.copyOf(poststop);
  }

  /** No hooks at all. */
  public static final Hooks NONE =
      new Hooks(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  /**
   * Whether there are none. By hand, for {@code equals} of a record is a class written at run time.
   */
  public boolean isEmpty() {
    return prestart.isEmpty()
        && createRuntime.isEmpty()
        && createContainer.isEmpty()
        && startContainer.isEmpty()
        && poststart.isEmpty()
        && poststop.isEmpty();
  }
}

package dev.jrunc.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A program to run at a point of the life of a container; timeout in seconds. */
public record Hook(String path, List<String> args, List<String> env, @Nullable Integer timeout) {
  public Hook {
    args = List.copyOf(args);
    env = List.copyOf(env);
  }
}

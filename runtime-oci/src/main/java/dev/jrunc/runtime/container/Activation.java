package dev.jrunc.runtime.container;

import dev.jrunc.spec.Process;
import dev.jrunc.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sockets that a service manager has opened for us, see sd_listen_fds(3): the container's
 * program gets them, under the same numbers, from 3 on.
 *
 * @param count how many
 */
public record Activation(int count) {

  /** None unless they are meant for this very process: the variables are inherited by others. */
  public static Activation of(List<String> environment, int pid) {
    String meant = value(environment, "LISTEN_PID=");
    String given = value(environment, "LISTEN_FDS=");
    if (meant == null || given == null || !meant.equals(Integer.toString(pid))) {
      return new Activation(0);
    }
    int count = 0;
    for (int i = 0; i < given.length(); i++) {
      char c = given.charAt(i);
      if (c < '0' || c > '9' || count > 6553) {
        return new Activation(0);
      }
      count = count * 10 + c - '0';
    }
    return new Activation(count);
  }

  private static @Nullable String value(List<String> environment, String start) {
    String value = null;
    for (String variable : environment) {
      value = variable.startsWith(start) ? variable.substring(start.length()) : value;
    }
    return value;
  }

  /** The config with the variables that tell the program of its sockets; it will be process 1. */
  Spec into(Spec spec) {
    Process process = spec.process();
    if (count == 0 || process == null) {
      return spec;
    }
    List<String> environment = new ArrayList<>(process.env());
    environment.add("LISTEN_FDS=" + count);
    environment.add("LISTEN_PID=1");
    return spec.withProcess(process.withEnvironment(environment));
  }
}

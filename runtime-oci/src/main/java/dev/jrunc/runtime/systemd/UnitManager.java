package dev.jrunc.runtime.systemd;

import dev.jrunc.runtime.dbus.BusConnection;
import dev.jrunc.runtime.dbus.Value;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What systemd is asked for: the calls of org.freedesktop.systemd1(5) that a runtime needs. */
final class UnitManager implements AutoCloseable {
  private static final String NAME = "org.freedesktop.systemd1";
  private static final String PATH = "/org/freedesktop/systemd1";
  private static final String MANAGER = "org.freedesktop.systemd1.Manager";
  private static final String AUXILIARY = "(sa(sv))";
  private static final int LONGEST_JOB_MILLIS = 30_000;

  /** Job mode: what is waiting for the unit otherwise gives way. */
  private static final Value REPLACE = Value.of("replace");

  private final BusConnection bus;
  private boolean subscribed;

  UnitManager(BusConnection bus) {
    this.bus = bus;
  }

  /**
   * Makes a unit and starts it; comes back when it is there.
   *
   * @param pointer what in config.json names the unit, for a failure
   */
  void startTransient(String unit, List<Property> properties, String pointer) {
    List<Value> arguments =
        List.of(
            Value.of(unit), REPLACE, arguments(properties), new Value.Array(AUXILIARY, List.of()));
    subscribe();
    BusConnection.Answer answer = call("StartTransientUnit", arguments);
    if (answer.error().endsWith(".UnitExists")) {
      // One that has failed stays until somebody has seen it; that is no use of its name.
      resetFailed(unit);
      answer = call("StartTransientUnit", arguments);
    }
    if (answer.failed()) {
      boolean exists = answer.error().endsWith(".UnitExists");
      throw Failure.of(
              exists ? Failure.Code.ALREADY_EXISTS : Failure.Code.SYSTEM,
              "unable to start unit \"" + unit + "\": " + answer.message())
          .phase("make scope")
          .pointer(pointer)
          .hint(exists ? "give the container a cgroupsPath of its own" : "")
          .build();
    }
    String result = awaitJob(answer);
    if (!result.equals("done")) {
      stopAndForget(unit);
      throw Failure.of(
              Failure.Code.SYSTEM,
              "error creating systemd unit `" + unit + "`: got `" + result + "`")
          .phase("make scope")
          .pointer(pointer)
          .hint("systemctl status " + unit + " and the journal say more")
          .build();
    }
  }

  /** Stops a unit, with it whatever still runs there; one that is gone is no failure. */
  void stop(String unit) {
    subscribe();
    BusConnection.Answer answer = call("StopUnit", List.of(Value.of(unit), REPLACE));
    if (!answer.failed()) {
      awaitJob(answer);
    }
    // Where its processes were killed it may count as failed, and its name as taken.
    resetFailed(unit);
  }

  // Before the call whose job is waited for.
  private void subscribe() {
    if (!subscribed) {
      subscribed = true;
      bus.subscribe(
          "type='signal',sender='" + NAME + "',interface='" + MANAGER + "',member='JobRemoved'");
    }
  }

  private void stopAndForget(String unit) {
    call("StopUnit", List.of(Value.of(unit), REPLACE));
    resetFailed(unit);
  }

  private void resetFailed(String unit) {
    call("ResetFailedUnit", List.of(Value.of(unit)));
  }

  /** Changes a unit until it is gone. */
  void set(String unit, List<Property> properties) {
    if (properties.isEmpty()) {
      return;
    }
    BusConnection.Answer answer =
        call("SetUnitProperties", List.of(Value.of(unit), Value.of(true), arguments(properties)));
    if (answer.failed()) {
      throw Failure.of(
              Failure.Code.SYSTEM,
              "unable to set properties of unit \"" + unit + "\": " + answer.message())
          .phase("limit cgroups")
          .pointer("/linux/resources")
          .build();
    }
  }

  /** Moves a process into a unit's group, or into a group below that. */
  void attach(String unit, String below, int pid) {
    List<Value> pids = List.of(Value.uint32(pid));
    BusConnection.Answer answer =
        call(
            "AttachProcessesToUnit",
            List.of(Value.of(unit), Value.of(below), new Value.Array("u", pids)));
    if (answer.failed()) {
      throw Failure.of(
              Failure.Code.SYSTEM,
              "error adding pid " + pid + " to unit \"" + unit + "\": " + answer.message())
          .phase("enter cgroups")
          .build();
    }
  }

  /** A property of systemd itself that is text. */
  String property(String name) {
    BusConnection.Answer answer =
        bus.call(
            new BusConnection.Method(NAME, PATH, "org.freedesktop.DBus.Properties", "Get"),
            List.of(Value.of(MANAGER), Value.of(name)));
    if (!answer.failed()
        && answer.results().size() == 1
        && answer.results().getFirst() instanceof Value.Variant variant
        && variant.value() instanceof Value.Text text) {
      return text.value();
    }
    throw Failure.of(
            Failure.Code.SYSTEM, "systemd does not tell its " + name + ": " + answer.message())
        .phase("dbus")
        .build();
  }

  /** The number of its version; 0 where it cannot be read. */
  int version() {
    int number = 0;
    // Such as "252.39-1~deb12u1", in older ones with a "v" before.
    for (char c : property("Version").toCharArray()) {
      if (c >= '0' && c <= '9') {
        number = number * 10 + (c - '0');
      } else if (number > 0) {
        break;
      }
    }
    return number;
  }

  private BusConnection.Answer call(String method, List<Value> arguments) {
    return bus.call(new BusConnection.Method(NAME, PATH, MANAGER, method), arguments);
  }

  private static Value arguments(List<Property> properties) {
    List<Value> all = new ArrayList<>();
    for (Property property : properties) {
      all.add(property.asArgument());
    }
    return new Value.Array("(sv)", all);
  }

  /** How a job has ended: {@code done} if well. */
  private String awaitJob(BusConnection.Answer answer) {
    String job = answer.results().isEmpty() ? "" : text(answer.results().getFirst());
    long until = System.nanoTime() + LONGEST_JOB_MILLIS * 1_000_000L;
    while (true) {
      int left = (int) ((until - System.nanoTime()) / 1_000_000);
      BusConnection.@Nullable Signal signal = left > 0 ? bus.nextSignal(left) : null;
      if (signal == null) {
        return "timeout";
      }
      // JobRemoved(u id, o job, s unit, s result)
      if (signal.name().equals("JobRemoved")
          && signal.arguments().size() == 4
          && text(signal.arguments().get(1)).equals(job)) {
        return text(signal.arguments().get(3));
      }
    }
  }

  private static String text(Value value) {
    return value instanceof Value.Text text ? text.value() : "";
  }

  @Override
  public void close() {
    bus.close();
  }
}

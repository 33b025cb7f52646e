package dev.jrunc.runtime.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.dbus.FakeBus;
import dev.jrunc.runtime.dbus.Value;
import dev.jrunc.runtime.error.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a systemd that is none: what it is asked for, and what is made of its answers. */
class UnitManagerTest {
  private static final Value JOB = Value.path("/org/freedesktop/systemd1/job/7");
  private static final String ERROR = "org.freedesktop.systemd1.";

  @TempDir Path folder;

  private interface Use {
    void with(UnitManager manager);
  }

  /** What was called. */
  private List<String> against(FakeBus.Service service, Use use) throws Exception {
    Path path = folder.resolve("bus");
    String address = "DBUS_SYSTEM_BUS_ADDRESS=unix:path=" + path;
    Linux linux = Linux.over(new JnrGate());
    String session = "DBUS_SESSION_BUS_ADDRESS=unix:path=" + path;
    try (FakeBus bus = FakeBus.listen(path, FakeBus.Pace.WHOLE, service);
        UnitManager manager = new Systemd(linux, List.of(address, session)).connect()) {
      use.with(manager);
      return bus.heard();
    }
  }

  private static void removed(FakeBus.Client client, Value job, String result) throws IOException {
    client.signal("JobRemoved", Value.uint32(7), job, Value.of("a.scope"), Value.of(result));
  }

  @Test
  void waitsForItsOwnJob() throws Exception {
    Value[] seen = new Value[4];
    List<String> heard =
        against(
            (client, method, arguments) -> {
              arguments.toArray(seen);
              removed(client, Value.path("/org/freedesktop/systemd1/job/6"), "failed");
              client.answer(JOB);
              client.signal("UnitNew", Value.of("a.scope"), Value.path("/a"));
              removed(client, JOB, "done");
            },
            manager ->
                manager.startTransient("a.scope", List.of(Property.of("Delegate", true)), ""));
    assertEquals(List.of("Hello", "AddMatch", "StartTransientUnit"), heard);
    assertEquals(Value.of("a.scope"), seen[0]);
    assertEquals(Value.of("replace"), seen[1]);
    assertEquals(
        new Value.Array(
            "(sv)", List.of(Value.struct(Value.of("Delegate"), new Value.Variant(Value.of(true))))),
        seen[2]);
    assertEquals(new Value.Array("(sa(sv))", List.of()), seen[3]);
  }

  @Test
  void forgetsAFailedUnitOfTheSameNameAndTriesAgain() throws Exception {
    int[] starts = new int[1];
    List<String> heard =
        against(
            (client, method, arguments) -> {
              if (method.equals("StartTransientUnit") && starts[0]++ == 0) {
                client.refuse(ERROR + "UnitExists", "Unit a.scope already exists.");
                return;
              }
              client.answer(JOB);
              removed(client, JOB, "done");
            },
            manager -> manager.startTransient("a.scope", List.of(), ""));
    assertEquals(
        List.of("Hello", "AddMatch", "StartTransientUnit", "ResetFailedUnit", "StartTransientUnit"),
        heard);
  }

  @Test
  void saysThatAUnitIsThere() throws Exception {
    against(
        (client, method, arguments) ->
            client.refuse(ERROR + "UnitExists", "Unit a.scope already exists."),
        manager -> {
          Failure failure =
              assertThrows(Failure.class, () -> manager.startTransient("a.scope", List.of(), "/p"));
          assertEquals(Failure.Code.ALREADY_EXISTS, failure.code());
          assertEquals("/p", failure.pointer());
        });
  }

  @Test
  void takesAFailedJobBack() throws Exception {
    List<String> heard =
        against(
            (client, method, arguments) -> {
              client.answer(JOB);
              removed(client, JOB, "failed");
            },
            manager -> {
              Failure failure =
                  assertThrows(
                      Failure.class, () -> manager.startTransient("a.scope", List.of(), ""));
              assertTrue(
                  String.valueOf(failure.getMessage())
                      .contains("error creating systemd unit `a.scope`: got `failed`"),
                  failure.getMessage());
            });
    assertTrue(heard.contains("StopUnit") && heard.contains("ResetFailedUnit"), heard.toString());
  }

  @Test
  void stopsWhatMayBeGoneAlready() throws Exception {
    List<String> heard =
        against(
            (client, method, arguments) ->
                client.refuse(ERROR + "NoSuchUnit", "Unit a.scope not loaded."),
            manager -> manager.stop("a.scope"));
    assertEquals(List.of("Hello", "AddMatch", "StopUnit", "ResetFailedUnit"), heard);
  }

  @Test
  void saysWhichPropertiesAreRefused() throws Exception {
    List<String> heard =
        against(
            (client, method, arguments) -> client.refuse("a.PropertyReadOnly", "Cannot set X"),
            manager -> {
              manager.set("a.scope", List.of());
              Failure failure =
                  assertThrows(
                      Failure.class,
                      () -> manager.set("a.scope", List.of(Property.of("TasksMax", 1))));
              assertTrue(
                  String.valueOf(failure.getMessage()).contains("Cannot set X"),
                  failure.getMessage());
            });
    assertEquals(List.of("Hello", "SetUnitProperties"), heard);
  }

  @Test
  void readsVersions() throws Exception {
    for (String text : List.of("252.39-1~deb12u1", "v252", "\"252 (252-1)\"")) {
      against(
          (client, method, arguments) -> client.answer(new Value.Variant(Value.of(text))),
          manager -> assertEquals(252, manager.version()));
      java.nio.file.Files.delete(folder.resolve("bus"));
    }
  }
}

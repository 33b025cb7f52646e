package dev.jrunc.runtime.dbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.error.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BusConnectionTest {
  private static final Linux LINUX = Linux.over(new JnrGate());
  private static final BusConnection.Method METHOD =
      new BusConnection.Method("a.b", "/a", "a.b", "Ask");

  @TempDir Path folder;

  private String address() {
    return "unix:path=" + folder.resolve("none") + ";unix:path=" + folder.resolve("bus");
  }

  private BusConnection open(BusConnection.Peer peer) {
    return BusConnection.open(LINUX, address(), peer);
  }

  @Test
  void callsOverTheFirstSocketThatIsThere() throws Exception {
    try (FakeBus bus =
            FakeBus.listen(
                folder.resolve("bus"),
                FakeBus.Pace.WHOLE,
                (client, method, arguments) ->
                    client.answer(Value.of("got"), arguments.getFirst()));
        BusConnection connection = open(BusConnection.Peer.BUS)) {
      BusConnection.Answer answer = connection.call(METHOD, List.of(Value.uint64(7)));
      assertFalse(answer.failed());
      assertEquals(List.of(Value.of("got"), Value.uint64(7)), answer.results());
      assertEquals(List.of("Hello", "Ask"), bus.heard());
    }
  }

  @Test
  void asksAProgramForNoName() throws Exception {
    try (FakeBus bus =
            FakeBus.listen(
                folder.resolve("bus"), FakeBus.Pace.WHOLE, (client, method, a) -> client.answer());
        BusConnection connection = open(BusConnection.Peer.PROGRAM)) {
      connection.subscribe("type='signal'");
      assertFalse(connection.call(METHOD, List.of()).failed());
      assertEquals(List.of("Ask"), bus.heard());
    }
  }

  @Test
  void keepsSignalsThatComeBeforeAnAnswer() throws Exception {
    try (FakeBus bus =
            FakeBus.listen(
                folder.resolve("bus"),
                FakeBus.Pace.BYTES,
                (client, method, arguments) -> {
                  client.signal("First", Value.of("a"));
                  client.answer(Value.of("yes"));
                  client.signal("Second", Value.of("b"));
                });
        BusConnection connection = open(BusConnection.Peer.BUS)) {
      connection.subscribe("type='signal'");
      assertEquals(List.of(Value.of("yes")), connection.call(METHOD, List.of()).results());
      assertEquals("First", there(connection.nextSignal(1000)).name());
      assertEquals(List.of(Value.of("b")), there(connection.nextSignal(1000)).arguments());
      assertNull(connection.nextSignal(50));
      assertTrue(bus.heard().contains("AddMatch"));
    }
  }

  private static BusConnection.Signal there(BusConnection.@Nullable Signal signal) {
    return java.util.Objects.requireNonNull(signal);
  }

  @Test
  void tellsOfErrors() throws Exception {
    try (FakeBus bus =
            FakeBus.listen(
                folder.resolve("bus"),
                FakeBus.Pace.WHOLE,
                (client, method, arguments) -> client.refuse("a.b.NoSuchUnit", "not loaded"));
        BusConnection connection = open(BusConnection.Peer.BUS)) {
      BusConnection.Answer answer = connection.call(METHOD, List.of());
      assertEquals("a.b.NoSuchUnit", answer.error());
      assertEquals("not loaded", answer.message());
      assertEquals(List.of("Hello", "Ask"), bus.heard());
    }
  }

  @Test
  void failsWhereTheOtherSideGoesAway() throws Exception {
    try (FakeBus bus =
            FakeBus.listen(
                folder.resolve("bus"),
                FakeBus.Pace.WHOLE,
                (client, method, arguments) -> client.hangUp());
        BusConnection connection = open(BusConnection.Peer.BUS)) {
      SyscallFailed failed =
          assertThrows(SyscallFailed.class, () -> connection.call(METHOD, List.of()));
      assertEquals(Errno.ECONNRESET, failed.errno());
      assertEquals(List.of("Hello", "Ask"), bus.heard());
    }
  }

  @Test
  void saysThatItIsNotTaken() throws Exception {
    try (FakeBus bus = FakeBus.rejecting(folder.resolve("bus"))) {
      Failure failure = assertThrows(Failure.class, () -> open(BusConnection.Peer.BUS));
      assertTrue(
          String.valueOf(failure.getMessage()).contains("does not take this user"),
          failure.getMessage());
      assertEquals(List.of(), bus.heard());
    }
  }

  @Test
  void saysWhereNobodyListens() {
    Failure failure = assertThrows(Failure.class, () -> open(BusConnection.Peer.BUS));
    assertEquals(Errno.ENOENT, failure.errno());
    Failure other =
        assertThrows(
            Failure.class, () -> BusConnection.open(LINUX, "tcp:host=a", BusConnection.Peer.BUS));
    assertEquals(Failure.Code.UNSUPPORTED, other.code());
  }

  @Test
  void readsAddresses() {
    assertEquals(
        List.of("/run/a b", "@x"),
        BusAddress.sockets("tcp:host=h;unix:path=/run/a%20b,guid=1;unix:abstract=x"));
    assertThrows(Failure.class, () -> BusAddress.sockets("unix:path=/a%zz"));
  }

  @Test
  void talksToARealBus() throws Exception {
    Path program = Path.of("/usr/bin/dbus-daemon");
    assumeTrue(Files.exists(program), "dbus-daemon is not installed");
    String address = "unix:path=" + folder.resolve("real");
    Process daemon =
        new ProcessBuilder(
                program.toString(),
                "--session",
                "--nofork",
                "--nopidfile",
                "--address=" + address,
                "--print-address")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      daemon.inputReader().readLine();
      String bus = "org.freedesktop.DBus";
      try (BusConnection connection = BusConnection.open(LINUX, address, BusConnection.Peer.BUS)) {
        connection.subscribe("type='signal',sender='" + bus + "',member='NameOwnerChanged'");
        BusConnection.Answer answer =
            connection.call(
                new BusConnection.Method(bus, "/org/freedesktop/DBus", bus, "RequestName"),
                List.of(Value.of("dev.jrunc.Test"), Value.uint32(0)));
        assertEquals(List.of(Value.uint32(1)), answer.results());
        BusConnection.Signal signal = connection.nextSignal(5000);
        while (signal != null && !signal.name().equals("NameOwnerChanged")) {
          signal = connection.nextSignal(5000);
        }
        assertNotNull(signal);
        assertEquals(Value.of("dev.jrunc.Test"), signal.arguments().getFirst());
      }
    } finally {
      daemon.destroy();
      daemon.waitFor();
    }
  }
}

package dev.jrunc.runtime.dbus;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A bus with one service behind it, for one client: authenticates it, gives it a name, and answers
 * its calls with what the test says.
 */
public final class FakeBus implements AutoCloseable {
  private final ServerSocketChannel server;
  private final Service service;
  private final Thread thread;
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private int serial = 100;

  /** How messages go out. */
  public enum Pace {
    WHOLE,
    /** Every byte for itself, as a slow line would. */
    BYTES
  }

  private final Pace pace;
  private final String greeting;

  /** The service behind the bus. */
  public interface Service {
    void called(Client client, String method, List<Value> arguments) throws IOException;
  }

  /** Whom an answer goes to. */
  public final class Client {
    private final SocketChannel channel;
    private final long call;

    Client(SocketChannel channel, long call) {
      this.channel = channel;
      this.call = call;
    }

    /** Answers the call. */
    public void answer(Value... results) throws IOException {
      send(new BusMessage(2, 1, serial++, call, "", "", "", "", "", List.of(results)));
    }

    /** Refuses the call. */
    public void refuse(String error, String message) throws IOException {
      List<Value> body = List.of(Value.of(message));
      send(new BusMessage(3, 1, serial++, call, "", "", "", error, "", body));
    }

    /** Sends a signal of systemd's. */
    public void signal(String name, Value... arguments) throws IOException {
      String manager = "org.freedesktop.systemd1.Manager";
      String path = "/org/freedesktop/systemd1";
      send(new BusMessage(4, 1, serial++, 0, path, manager, name, "", "", List.of(arguments)));
    }

    /** Goes away in the middle. */
    public void hangUp() throws IOException {
      channel.close();
    }

    private void send(BusMessage message) throws IOException {
      byte[] bytes = message.encode();
      int step = pace == Pace.BYTES ? 1 : bytes.length;
      for (int i = 0; i < bytes.length; i += step) {
        channel.write(ByteBuffer.wrap(bytes, i, step));
      }
    }
  }

  private FakeBus(ServerSocketChannel server, Pace pace, String greeting, Service service) {
    this.server = server;
    this.pace = pace;
    this.greeting = greeting;
    this.service = service;
    this.thread = Thread.ofPlatform().daemon().start(this::serve);
  }

  /** Listens at a path. */
  public static FakeBus listen(Path path, Pace pace, Service service) throws IOException {
    return new FakeBus(
        socket(path), pace, "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n", service);
  }

  /** One that takes nobody. */
  public static FakeBus rejecting(Path path) throws IOException {
    return new FakeBus(socket(path), Pace.WHOLE, "REJECTED EXTERNAL\r\n", (c, m, a) -> {});
  }

  private static ServerSocketChannel socket(Path path) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    return server;
  }

  /** The methods that were called, in order. */
  public List<String> heard() {
    return List.copyOf(heard);
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel channel = server.accept()) {
        DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
        in.readByte();
        line(in);
        line(in);
        // As systemd's private socket must have it: the answer comes after the last line.
        boolean begun = line(in).equals("BEGIN");
        channel.write(ByteBuffer.wrap(greeting.getBytes(StandardCharsets.US_ASCII)));
        if (begun && !greeting.startsWith("REJECTED")) {
          messages(channel, in);
        }
      } catch (java.io.EOFException | java.nio.channels.ClosedChannelException e) {
        // The client has gone, or this bus is closed.
        serial++;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String line(DataInputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b; (b = in.readByte()) != '\n'; ) {
      line.write(b);
    }
    return line.toString(StandardCharsets.US_ASCII).strip();
  }

  private void messages(SocketChannel channel, DataInputStream in) throws IOException {
    while (channel.isOpen()) {
      byte[] start = new byte[BusMessage.FIXED];
      in.readFully(start);
      byte[] whole = Arrays.copyOf(start, BusMessage.length(start));
      in.readFully(whole, start.length, whole.length - start.length);
      BusMessage call = BusMessage.decode(whole);
      heard.add(call.member());
      Client client = new Client(channel, call.serial());
      switch (call.member()) {
        case "Hello" -> client.answer(Value.of(":1.42"));
        case "AddMatch" -> client.answer();
        default -> service.called(client, call.member(), call.body());
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    try {
      thread.join(2000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

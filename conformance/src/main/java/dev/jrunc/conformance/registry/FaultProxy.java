package dev.jrunc.conformance.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands before a registry and makes the faults that a registry cannot make itself. Speaks HTTP/1.1
 * with one request a connection, and passes on what it is not told to spoil.
 */
public final class FaultProxy implements AutoCloseable {
  /** What to do to one request for a blob. */
  public sealed interface Fault {
    /** Closes the connection after so many bytes of the body. */
    record Cut(long bytes) implements Fault {}

    /** Sends so many bytes of the body, and then nothing. */
    record Stall(long bytes) implements Fault {}

    /** Takes the Range away, so that the registry sends all with 200. */
    record Whole() implements Fault {}

    /** Answers in the registry's place. */
    record Answer(String status, String headers) implements Fault {}

    /** Sends the body without its length, and more and more behind it. */
    record Endless() implements Fault {}
  }

  private final ServerSocket server;
  private final int target;
  private final long bytesPerSecond;
  private final Deque<Fault> faults = new ArrayDeque<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicLong blobBytes = new AtomicLong();
  private final AtomicLong brokenUpload = new AtomicLong(-1);

  private FaultProxy(ServerSocket server, int target, long bytesPerSecond) {
    this.server = server;
    this.target = target;
    this.bytesPerSecond = bytesPerSecond;
    Thread.ofVirtual().start(this::accept);
  }

  public static FaultProxy before(LocalRegistry registry) throws IOException {
    return slow(registry, Long.MAX_VALUE);
  }

  /** Passes bodies on no faster than this. */
  public static FaultProxy slow(LocalRegistry registry, long bytesPerSecond) throws IOException {
    ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    return new FaultProxy(server, registry.port(), bytesPerSecond);
  }

  public String host() {
    return "127.0.0.1:" + server.getLocalPort();
  }

  /** Each is used for one request for a blob, in this order. */
  public synchronized void spoil(Fault... inThisOrder) {
    faults.addAll(List.of(inThisOrder));
  }

  /** Closes the next upload of a body after so many bytes. */
  public void breakUpload(long bytes) {
    brokenUpload.set(bytes);
  }

  /** First lines of all requests so far. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** How many bytes of blobs went through. */
  public long blobBytes() {
    return blobBytes.get();
  }

  private synchronized @org.jspecify.annotations.Nullable Fault next() {
    return faults.poll();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket registry = new Socket(InetAddress.getLoopbackAddress(), target)) {
      String head = head(client.getInputStream());
      String first = head.lines().findFirst().orElse("");
      requests.add(first);
      boolean blob = first.startsWith("GET ") && first.contains("/blobs/");
      Fault fault = blob ? next() : null;
      if (fault instanceof Fault.Answer answer) {
        String text = "HTTP/1.1 " + answer.status() + "\r\n" + answer.headers();
        client
            .getOutputStream()
            .write(
                (text + "Content-Length: 0\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        return;
      }
      String passed = without(head, "Connection");
      if (fault instanceof Fault.Whole) {
        passed = without(passed, "Range");
      }
      registry
          .getOutputStream()
          .write(
              (passed.strip() + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      long broken = first.startsWith("PATCH ") ? brokenUpload.getAndSet(-1) : -1;
      if (broken >= 0) {
        registry.getOutputStream().write(client.getInputStream().readNBytes((int) broken));
        return;
      }
      Thread.ofVirtual().start(() -> pass(client, registry));
      answer(client.getOutputStream(), registry.getInputStream(), blob, fault);
    } catch (IOException e) {
      // The client has gone, which is what some tests want.
    }
  }

  private void answer(
      OutputStream to,
      InputStream from,
      boolean blob,
      @org.jspecify.annotations.Nullable Fault fault)
      throws IOException {
    String head = head(from);
    if (fault instanceof Fault.Endless) {
      head = without(head, "Content-Length");
    }
    to.write((head.strip() + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    long limit =
        switch (fault) {
          case Fault.Cut cut -> cut.bytes();
          case Fault.Stall stall -> stall.bytes();
          case null, default -> Long.MAX_VALUE;
        };
    byte[] buffer = new byte[16 * 1024];
    long sent = 0;
    while (sent < limit) {
      int count = from.read(buffer, 0, (int) Math.min(buffer.length, limit - sent));
      if (count < 0) {
        break;
      }
      to.write(buffer, 0, count);
      sent += count;
      if (blob) {
        blobBytes.addAndGet(count);
        if (bytesPerSecond < Long.MAX_VALUE) {
          pause(count * 1_000_000_000L / bytesPerSecond);
        }
      }
    }
    to.flush();
    if (fault instanceof Fault.Stall) {
      pause(TimeUnit.SECONDS.toNanos(90));
    }
    for (int i = 0; fault instanceof Fault.Endless && i < 100_000; i++) {
      to.write(buffer);
    }
  }

  private static void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One of them has what it wanted.
    }
  }

  private static void pause(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last = 0;
    int next;
    while ((next = in.read()) >= 0) {
      head.write(next);
      last = last << 8 | next;
      if (last == 0x0d0a0d0a) {
        return head.toString(StandardCharsets.US_ASCII);
      }
    }
    throw new IOException("no head");
  }

  private static String without(String head, String header) {
    return head.replaceAll("(?im)^" + header + ":.*\r\n", "");
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      // It no longer listens in any case.
    }
  }
}

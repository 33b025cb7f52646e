package dev.jrunc.conformance.harness;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The end of a local socket that an engine would listen on. Descriptors beside a message are lost.
 */
public final class SocketEnd implements AutoCloseable {
  private final ServerSocketChannel server;

  private SocketEnd(ServerSocketChannel server) {
    this.server = server;
  }

  public static SocketEnd listen(Path path) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    return new SocketEnd(server);
  }

  /** What the one who has connected said; there must be one. */
  public String received() throws IOException {
    server.configureBlocking(false);
    SocketChannel peer = server.accept();
    Expect.that(peer != null, "nobody has connected");
    try (SocketChannel channel = java.util.Objects.requireNonNull(peer)) {
      ByteBuffer buffer = ByteBuffer.allocate(4096);
      channel.read(buffer);
      return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}

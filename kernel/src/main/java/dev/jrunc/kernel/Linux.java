package dev.jrunc.kernel;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * The kernel as this project sees it: groups of typed calls over one {@link Gate}. Immutable and
 * without state of its own.
 *
 * @param gate for calls and memory that have no typed form
 */
public record Linux(
    Gate gate,
    FileCalls files,
    StreamCalls streams,
    MountCalls mounts,
    ProcessCalls processes,
    CredentialCalls credentials,
    SocketCalls sockets,
    TerminalCalls terminals) {

  /** File names in UTF-8. */
  public static Linux over(Gate gate) {
    return over(gate, StandardCharsets.UTF_8);
  }

  /** File names in {@code names}; ISO-8859-1 passes every byte unchanged. */
  public static Linux over(Gate gate, Charset names) {
    return new Linux(
        gate,
        new FileCalls(gate, names),
        new StreamCalls(gate),
        new MountCalls(gate),
        new ProcessCalls(gate),
        new CredentialCalls(gate),
        new SocketCalls(gate),
        new TerminalCalls(gate));
  }

  /** The current directory, where a call takes a directory. */
  public Descriptor currentDirectory() {
    return Descriptor.currentDirectory(gate);
  }
}

package dev.jrunc.runtime.network;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import java.util.List;

/**
 * resolv.conf and hosts of a container. They lie in its folder and are mounted, so they are written
 * in place: what is mounted is the file and not its name.
 */
final class NameFiles {
  static final String RESOLVER = "resolv.conf";
  static final String HOSTS = "hosts";

  private static final String HOSTS_RESOLVER = "/etc/resolv.conf";
  private static final String BEHIND_STUB = "/run/systemd/resolve/resolv.conf";
  private static final int LARGEST = 1 << 20;

  private final Linux linux;
  private final Descriptor folder;

  /**
   * @param folder the container's
   */
  NameFiles(Linux linux, Descriptor folder) {
    this.linux = linux;
    this.folder = folder;
  }

  /** Both as far as they are known before the container has an address. */
  void write(String hostname, String id, List<IpAddress> addresses) {
    put(RESOLVER, resolver());
    hosts(hostname, id, addresses);
  }

  void hosts(String hostname, String id, List<IpAddress> addresses) {
    StringBuilder text = new StringBuilder();
    text.append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    for (IpAddress address : addresses) {
      text.append(address).append('\t').append(hostname.isEmpty() ? id : hostname);
      text.append(hostname.isEmpty() || hostname.equals(id) ? "" : " " + id).append('\n');
    }
    put(HOSTS, text.toString());
  }

  void resolver(String content) {
    put(RESOLVER, content);
  }

  // A name server on the host's loopback cannot be reached from a namespace that has its own. Where
  // that is systemd-resolved's stub, the ones behind it are in a file of their own.
  private String resolver() {
    String text = reachable(read(HOSTS_RESOLVER));
    if (!text.contains("nameserver")) {
      String behind = reachable(read(BEHIND_STUB));
      text = behind.contains("nameserver") ? behind : text;
    }
    return text;
  }

  /** The lines without name servers on a loopback address. */
  static String reachable(String text) {
    StringBuilder kept = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      int newline = text.indexOf('\n', at);
      int end = newline < 0 ? text.length() : newline;
      String line = text.substring(at, end).trim();
      at = end + 1;
      if (!line.startsWith("nameserver") || !isLoopback(line.substring(10).trim())) {
        kept.append(line).append('\n');
      }
    }
    return kept.toString();
  }

  private static boolean isLoopback(String address) {
    return address.startsWith("127.") || address.equals("::1");
  }

  private String read(String path) {
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), path, OpenFlags.RDONLY, 0)) {
      return Utf8.decode(linux.streams().readAll(file, LARGEST));
    } catch (SyscallFailed e) {
      return "";
    }
  }

  private void put(String name, String text) {
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.TRUNC | OpenFlags.NOFOLLOW;
    try (Descriptor file = linux.files().open(folder, name, flags, 0644)) {
      // Whatever the caller's mask: the program may be any user.
      linux.files().chmod(file, 0644);
      linux.streams().write(file, text);
    }
  }
}

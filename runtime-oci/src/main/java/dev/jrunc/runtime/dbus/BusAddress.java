package dev.jrunc.runtime.dbus;

import dev.jrunc.kernel.Utf8;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a bus listens: {@code unix:path=/run/user/1000/bus,guid=...;unix:abstract=...}. Other kinds
 * of addresses are left out.
 */
final class BusAddress {
  private BusAddress() {}

  /** The local sockets of an address, in its order; an abstract name begins with {@code @}. */
  static List<String> sockets(String address) {
    List<String> sockets = new ArrayList<>();
    for (String one : dev.jrunc.spec.Separated.by(';', address)) {
      if (one.startsWith("unix:")) {
        for (String pair : dev.jrunc.spec.Separated.by(',', one.substring(5))) {
          if (pair.startsWith("path=")) {
            sockets.add(unescape(pair.substring(5)));
          } else if (pair.startsWith("abstract=")) {
            sockets.add("@" + unescape(pair.substring(9)));
          }
        }
      }
    }
    return sockets;
  }

  /** Bytes that an address may not hold are written as a percent sign and two hex digits. */
  private static String unescape(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    byte[] escaped = Utf8.encode(text);
    for (int i = 0; i < escaped.length; i++) {
      if (escaped[i] == '%' && i + 2 < escaped.length) {
        bytes.write(16 * hex(escaped[i + 1]) + hex(escaped[i + 2]));
        i += 2;
      } else {
        bytes.write(escaped[i]);
      }
    }
    return Utf8.decode(bytes.toByteArray());
  }

  private static int hex(byte digit) {
    if (digit >= '0' && digit <= '9') {
      return digit - '0';
    }
    int letter = digit | 0x20;
    if (letter < 'a' || letter > 'f') {
      throw BusConnection.broken("the address of the bus has a wrong escape");
    }
    return letter - 'a' + 10;
  }
}

package dev.jrunc.runtime;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.teavm.NativeGate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The entry point of jrunc. */
public final class Main {
  private Main() {}

  /** Runs one command line. */
  public static void main(String[] args) throws IOException {
    Gate g = new NativeGate();
    int n = 0;
    try (JsonParser p =
        new JsonFactory().createParser("{\"a\":[1,2]}".getBytes(StandardCharsets.UTF_8))) {
      for (JsonToken t; (t = p.nextToken()) != null; ) {
        n += t.id();
      }
    }
    dev.jrunc.kernel.Linux l = dev.jrunc.kernel.Linux.over(g);
    l.streams().write(new dev.jrunc.kernel.Descriptor(g, 1), "n " + n + "\n");
    g.call(231, 0, 0, 0, 0, 0, 0);
  }
}

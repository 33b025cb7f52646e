package dev.jrunc.image.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.jrunc.kernel.Gate;
import dev.jrunc.kernel.SystemCall;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentWritersTest {
  @TempDir private Path folder;

  private static Gate failingToWrite() {
    long write = SystemCall.WRITE.number(Unpacked.GATE.architecture());
    return (Gate)
        Proxy.newProxyInstance(
            Gate.class.getClassLoader(),
            new Class<?>[] {Gate.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("call") && arguments[0].equals(write)) {
                throw new OutOfMemoryError("no thread");
              }
              try {
                return method.invoke(Unpacked.GATE, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void anErrorEndsTheWaitForTheFile() throws IOException {
    Unpacked tree = new Unpacked(folder);
    byte[] layer = new RawTar().file("f", "x").bytes();
    LayerRefused refused =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () ->
                assertThrows(
                    LayerRefused.class,
                    () -> tree.apply(failingToWrite(), Unpacked.plain(), layer)));
    assertEquals("cannot write \"f\": java.lang.OutOfMemoryError: no thread", refused.getMessage());
  }
}

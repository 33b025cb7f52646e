package dev.jrunc.runtime.seccomp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.MessageDigest;
import org.junit.jupiter.api.Test;

class Sha256Test {
  @Test
  void agreesWithTheJdkAtEveryLengthAroundABlock() throws Exception {
    MessageDigest jdk = MessageDigest.getInstance("SHA-256");
    for (int length = 0; length < 200; length++) {
      byte[] message = new byte[length];
      for (int i = 0; i < length; i++) {
        message[i] = (byte) (i * 37 + length);
      }
      assertArrayEquals(jdk.digest(message), Sha256.of(message, length), "length " + length);
    }
  }

  @Test
  void isPrintedInHexadecimal() {
    assertEquals("00ff1a", Sha256.hex(new byte[] {0, -1, 26}));
  }
}

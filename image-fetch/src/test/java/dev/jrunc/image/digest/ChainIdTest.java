package dev.jrunc.image.digest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainIdTest {
  private static Digest of(String text) {
    return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void ofOneLayerIsItsDiffId() {
    assertEquals(List.of(of("a")), ChainId.of(List.of(of("a"))));
    assertEquals(List.of(), ChainId.of(List.of()));
  }

  @Test
  void ofMoreIsTheDigestOfBoth() {
    Digest two = of(of("a") + " " + of("b"));
    Digest three = of(two + " " + of("c"));
    assertEquals(List.of(of("a"), two, three), ChainId.of(List.of(of("a"), of("b"), of("c"))));
  }
}

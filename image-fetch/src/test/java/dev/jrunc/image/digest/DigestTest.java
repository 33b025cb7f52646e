package dev.jrunc.image.digest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.failure.ImageFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DigestTest {
  private static final byte[] CONTENT = "hello".getBytes(UTF_8);

  @Test
  void keepsTheTextItWasReadFrom() {
    String sha512 = "sha512:" + "0f".repeat(64);
    assertEquals(sha512, Digest.parse(sha512).toString());
    assertEquals(
        "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        Digest.sha256(CONTENT).toString());
  }

  // CVE-2024-3727: a digest ends in paths and in requests that carry credentials.
  @Test
  void refusesUpperCaseHexAndForeignCharacters() {
    for (String hex : new String[] {"A".repeat(64), "g".repeat(64), "/".repeat(64)}) {
      ImageFailure failure = assertThrows(ImageFailure.class, () -> Digest.parse("sha256:" + hex));
      assertTrue(String.valueOf(failure.getMessage()).contains("0-9 and a-f"));
    }
  }

  @Nested
  class WhileReading {
    @Test
    void handsOnContentThatIsRight() throws IOException {
      VerifyingStream stream = stream(CONTENT, Digest.sha256(CONTENT), CONTENT.length);
      assertArrayEquals(CONTENT, stream.readAllBytes());
    }

    @Test
    void rejectsTamperedContent() {
      Digest other = Digest.sha256("hallo".getBytes(UTF_8));
      assertFails(stream(CONTENT, other, CONTENT.length), "has the wrong content");
    }

    @Test
    void rejectsContentThatIsTooShort() {
      assertFails(stream(CONTENT, Digest.sha256(CONTENT), 6), "truncated: 5 of 6 bytes");
    }

    @Test
    void rejectsContentThatIsTooLong() {
      assertFails(stream(CONTENT, Digest.sha256(CONTENT), 4), "longer than the 4 bytes");
    }

    private VerifyingStream stream(byte[] content, Digest digest, long size) {
      return new VerifyingStream(new ByteArrayInputStream(content), digest, size);
    }

    private void assertFails(VerifyingStream stream, String reason) {
      ImageFailure failure = assertThrows(ImageFailure.class, stream::readAllBytes);
      String message = String.valueOf(failure.getMessage());
      assertTrue(message.contains(reason), message);
    }
  }
}

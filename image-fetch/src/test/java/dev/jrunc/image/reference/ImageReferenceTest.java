package dev.jrunc.image.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.failure.ImageFailure;
import java.net.URI;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageReferenceTest {
  private static final String HEX =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @ParameterizedTest
  @CsvSource({
    "alpine, docker.io/library/alpine:latest",
    "alpine:3.20, docker.io/library/alpine:3.20",
    "library/alpine, docker.io/library/alpine:latest",
    "docker.io/alpine, docker.io/library/alpine:latest",
    "index.docker.io/alpine, docker.io/library/alpine:latest",
    "docker.io/grafana/grafana:10, docker.io/grafana/grafana:10",
    "grafana/grafana, docker.io/grafana/grafana:latest",
    "localhost/x, localhost/x:latest",
    "localhost:5000/x:1, localhost:5000/x:1",
    "127.0.0.1:5000/a/b/c:v1.2-rc_3, 127.0.0.1:5000/a/b/c:v1.2-rc_3",
    "[::1]:5000/x, [::1]:5000/x:latest",
    "quay.io/a__b/c--d.e_f, quay.io/a__b/c--d.e_f:latest",
    "Registry.Example.org/x, Registry.Example.org/x:latest",
    "alpine:Up_Per-1., docker.io/library/alpine:Up_Per-1.",
    "alpine@sha256:HEX, docker.io/library/alpine@sha256:HEX",
    "alpine:3.20@sha256:HEX, docker.io/library/alpine@sha256:HEX",
    "host:5000/x@sha256:HEX, host:5000/x@sha256:HEX",
  })
  void readsWhatDockerReads(String text, String full) {
    assertEquals(
        full.replace("HEX", HEX), ImageReference.parse(text.replace("HEX", HEX)).toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Alpine | upper-case",
        "grafana/Grafana | upper-case",
        "quay.io/Foo/bar | upper-case",
        "a//b | empty part",
        "quay.io/ | name of the repository is missing",
        "/x | empty part",
        "a..b/c/../d | not a registry host",
        "../x | not a registry host",
        "x/../y | joined by",
        "-x | joined by",
        "x- | joined by",
        "a._b | joined by",
        "a___b | joined by",
        "alpine: | the tag",
        "alpine:.x | the tag",
        "alpine:a b | the tag",
        "alp ine | joined by",
        "[1]:5000/x | neither the name nor the address",
        "[::1::2]:5000/x | neither the name nor the address",
        "1.2.3.4.5/foo | neither the name nor the address",
        "300.1.1.1/foo | neither the name nor the address",
        "foo.123/bar | neither the name nor the address",
        "host:99999/x | port",
        "host:/x | port",
        "alpine@sha256:abc | digits",
        "alpine@md5:abc | unknown algorithm",
        "alpine@sha256:../../etc/passwd | digits",
        "alpine@ | not a digest",
        "alpine@nonsense | not a digest",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 | 64 hex digits",
      })
  void refusesWithTheReason(String text, String reason) {
    ImageFailure failure = assertThrows(ImageFailure.class, () -> ImageReference.parse(text));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains(reason), message);
    assertTrue(message.startsWith("invalid image name \"" + text + "\": "), message);
  }

  /** Whatever is typed: a name whose address can be made, or one sentence. */
  @Test
  void neverFailsInAnotherWay() {
    String parts = "a1Z.:/@[]-_%#?\u00fc\u0000 \ud800*sha256:";
    Random random = new Random(7);
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(14); length >= 0; length--) {
        text.append(parts.charAt(random.nextInt(parts.length())));
      }
      try {
        ImageReference name = ImageReference.parse(text.toString());
        assertNotNull(URI.create("https://" + name.host() + "/v2/").getHost(), text.toString());
      } catch (ImageFailure e) {
        assertTrue(String.valueOf(e.getMessage()).length() > 10, text.toString());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"300", "20000"})
  void refusesNamesThatAreTooLong(int length) {
    String text = "a".repeat(length);
    ImageFailure failure = assertThrows(ImageFailure.class, () -> ImageReference.parse(text));
    assertTrue(String.valueOf(failure.getMessage()).contains("longer than 255"));
  }
}

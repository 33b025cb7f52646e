package dev.jrunc.image.signature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.failure.ImageFailure;
import dev.jrunc.image.reference.ImageReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
  private static final String ACCEPT = "[{\"type\":\"insecureAcceptAnything\"}]";
  private static final String REJECT = "[{\"type\":\"reject\"}]";

  @TempDir Path folder = Path.of("unset");

  @ParameterizedTest
  @CsvSource({
    "alpine, false",
    "quay.io/a/b:1, true",
    "quay.io/a/b:2, false",
    "quay.io/a/c, true",
    "quay.io/x, false",
    "r.example.org/x, true",
    "example.org/x, false",
  })
  void takesTheMostExactScope(String image, boolean accepted) throws IOException {
    Policy policy =
        policy(
            """
            {"default": %2$s, "transports": {"docker": {
              "quay.io": %2$s, "quay.io/a": %1$s, "quay.io/a/b": %2$s, "quay.io/a/b:1": %1$s,
              "*.example.org": %1$s}}}
            """
                .formatted(ACCEPT, REJECT));
    Requirement first = policy.about(ImageReference.parse(image)).getFirst();
    assertEquals(accepted, first instanceof Requirement.Accept, first::toString);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"default\":[]}",
        "{\"default\":[{\"type\":\"trustMe\"}]}",
        "{\"default\":[{\"type\":\"sigstoreSigned\"}]}",
        "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyData\":\"!\"}]}",
        "{\"default\":[{\"type\":\"sigstoreSigned\",\"fulcio\":{}}]}",
        "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],\"transport\":{}}",
        "{\"default\":[{\"type\":\"insecureAcceptAnything\",\"keyPath\":\"/k\"}]}",
        "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"/k\",\"keyData\":\"QQ==\"}]}",
        "{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"dokcer\":{}}}",
        "{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{\"q.io\":[{\"type\":\"x\"}]}}}",
        "{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{\"q.io\":[]}}}"
      })
  void refusesWhatItCannotRead(String text) {
    assertThrows(ImageFailure.class, () -> policy(text).about(ImageReference.parse("alpine")));
  }

  @Test
  void doesNotHoldWhatItCannotCheck() throws IOException {
    Policy policy = policy("{\"default\":[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\"}]}");
    assertTrue(policy.about(ImageReference.parse("a")).getFirst() instanceof Requirement.Unknown);
  }

  @Test
  void comparesNames() {
    ImageReference image = ImageReference.parse("quay.io/a/b:1");
    assertTrue(new Identity.SameRepository().covers(image, "quay.io/a/b"));
    assertTrue(!new Identity.SameRepository().covers(image, "quay.io/a/c"));
    assertTrue(!new Identity.SameRepository().covers(image, null));
    assertTrue(!new Identity.SameRepository().covers(image, "NOT a name"));
    assertTrue(new Identity.SameOrDigest().covers(image, "quay.io/a/b:1"));
    assertTrue(!new Identity.SameOrDigest().covers(image, "quay.io/a/b"));
    assertTrue(!new Identity.SameOrDigest().covers(image, "quay.io/a/b:2"));
    assertTrue(new Identity.Repository("mirror.example/b").covers(image, "mirror.example/b:9"));
    assertTrue(
        new Identity.Remapped("quay.io/a", "origin.example/z")
            .covers(image, "origin.example/z/b:1"));
    assertTrue(new Identity.Any().covers(image, null));
  }

  private Policy policy(String text) throws IOException {
    Path file = folder.resolve("policy.json");
    Files.writeString(file, text);
    return Policy.read(file);
  }
}

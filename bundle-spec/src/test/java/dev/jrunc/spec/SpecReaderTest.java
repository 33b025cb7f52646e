package dev.jrunc.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpecReaderTest {

  private static SpecReading<Spec> read(String text) {
    return SpecReader.readConfig(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> pointers(String text) {
    return read(text).violations().stream().map(Violation::pointer).toList();
  }

  private static String good(String more) {
    return "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},"
        + "\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0}},"
        + "\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]"
        + more
        + "}}";
  }

  @Test
  void theDefaultConfigIsValidAndComesBackAsItWasWritten() {
    for (Spec spec : List.of(DefaultSpec.forRoot(true), DefaultSpec.rootless(1000, 1000, false))) {
      SpecReading<Spec> reading = SpecReader.readConfig(SpecWriter.config(spec, "\t"));
      assertEquals(List.of(), reading.violations());
      assertEquals(List.of(), reading.notes());
      assertEquals(spec, reading.spec());
    }
  }

  @Test
  void everyViolationIsNamedNotJustTheFirst() {
    List<String> pointers =
        pointers(
            "{\"ociVersion\":1,\"root\":{\"path\":\"r\",\"readonly\":\"yes\"},"
                + "\"process\":{\"args\":[],\"cwd\":\"x\"},"
                + "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"netwrk\"}]}}");
    assertEquals(
        List.of(
            "/ociVersion",
            "/root/readonly",
            "/process/args",
            "/process/cwd",
            "/linux/namespaces/1/type"),
        pointers);
  }

  @Test
  void anUnknownNamespaceTypeIsNamedWithItsNeighbour() {
    Violation violation =
        read(good(",\"namespaces\":[]")
                .replace(",\"namespaces\":[]", "")
                .replace("\"mount\"", "\"mont\""))
            .violations()
            .get(0);
    assertEquals("unknown namespace type \"mont\"", violation.message());
    assertEquals("did you mean \"mount\"?", violation.hint());
    assertEquals(1, violation.line());
  }

  @Test
  void anUnknownPropertyIsANoteAndNoViolation() {
    SpecReading<Spec> reading = read(good(",\"maskedPath\":[\"/proc\"]"));
    assertEquals(List.of(), reading.violations());
    assertEquals("/linux/maskedPath", reading.notes().get(0).pointer());
    assertEquals("did you mean \"maskedPaths\"?", reading.notes().get(0).hint());
  }

  @Test
  void aKeyGivenTwiceIsRefused() {
    Violation violation = read(good(",\"devices\":[],\"devices\":[]")).violations().get(0);
    assertEquals("/linux/devices", violation.pointer());
    assertEquals("\"devices\" is given twice", violation.message());
  }

  @Test
  void whatIsNoJsonHasOneViolationWithItsLine() {
    SpecReading<Spec> reading = read("{\n\"ociVersion\": }");
    assertNull(reading.spec());
    assertEquals(1, reading.violations().size());
    assertEquals(2, reading.violations().get(0).line());
  }

  @Test
  void anEmptyFileAndTrailingTextAreRefused() {
    assertEquals(1, read("").violations().size());
    assertTrue(read(good("") + "{}").violations().toString().contains("follows the end"));
  }

  @Test
  void nestingBeyondTheBoundIsRefused() {
    String deep = "[".repeat(500) + "]".repeat(500);
    List<Violation> violations = read("{\"annotations\":" + deep + "}").violations();
    assertTrue(
        violations.toString().contains("nested deeper than 64 levels"), violations.toString());
  }

  @Test
  void nullCountsAsAbsent() {
    SpecReading<Spec> reading =
        read(good(",\"resources\":null,\"seccomp\":null,\"maskedPaths\":null"));
    assertEquals(List.of(), reading.violations());
  }

  @Test
  void numbersOutOfRangeAreNamedWithTheirRange() {
    Violation violation =
        read(good("").replace("\"uid\":0", "\"uid\":4294967296")).violations().get(0);
    assertEquals("/process/user/uid", violation.pointer());
    assertEquals("4294967296 is not from 0 to 4294967295", violation.message());
  }

  @Test
  void unsignedNumbersUseAllTheirBits() {
    Spec spec =
        read(good("")
                .replace(
                    "\"cwd\"",
                    "\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"hard\":18446744073709551615,"
                        + "\"soft\":5}],\"cwd\""))
            .valid();
    assertEquals(-1L, java.util.Objects.requireNonNull(spec.process()).rlimits().get(0).hard());
    assertTrue(
        new String(SpecWriter.config(spec, ""), StandardCharsets.UTF_8)
            .contains("18446744073709551615"));
  }

  @Test
  void mountsInsideProcAreRefusedButForTheAllowed() {
    String mounts =
        "\"mounts\":[{\"destination\":\"/proc/sys\",\"type\":\"tmpfs\"},"
            + "{\"destination\":\"/proc/meminfo\",\"source\":\"/x\",\"options\":[\"bind\"]},"
            + "{\"destination\":\"/proc/../proc\",\"type\":\"tmpfs\"}],";
    String config = good("").replace("\"root\":", mounts + "\"root\":");
    assertEquals(List.of("/mounts/0/destination", "/mounts/2/destination"), pointers(config));
  }

  @Test
  void sysctlsOfTheHostAreRefused() {
    String sysctl =
        ",\"sysctl\":{\"net.ipv4.ip_forward\":\"1\",\"kernel.panic\":\"1\","
            + "\"kernel/hostname\":\"x\"}";
    assertEquals(
        List.of(
            "/linux/sysctl/net.ipv4.ip_forward",
            "/linux/sysctl/kernel.panic",
            "/linux/sysctl/kernel~1hostname"),
        pointers(good(sysctl)));
  }
}

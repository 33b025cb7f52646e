package dev.jrunc.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedConfigTest {

  private static Stream<Arguments> rows(String table, int columns) {
    return Document.table("/malformed/" + table, columns).stream().map(Arguments::of);
  }

  private static SpecReading<Spec> read(String text) {
    return SpecReader.readConfig(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String place(Violation violation) {
    return violation.pointer() + ": " + violation.message();
  }

  @Nested
  class Shape {
    private static final Schema SCHEMA = Schemas.ours("config");

    static Stream<Arguments> cases() {
      return rows("shape.txt", 4);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void isReportedOnceAtItsPlace(String name, String pointer, String value, String message) {
      JsonNode config = Document.everythingBut(pointer, value);
      byte[] bytes = config.toPrettyString().getBytes(StandardCharsets.UTF_8);
      List<Violation> found = SpecReader.readConfig(bytes).violations();
      assertEquals(
          List.of(pointer + ": " + message),
          found.stream().map(MalformedConfigTest::place).toList(),
          name);
      assertNotEquals(0, found.get(0).line());
      assertFalse(Schemas.accepts(SCHEMA, config), "our schema must refuse it too");
    }

    @Test
    void theTableHasAtLeast150Cases() {
      assertTrue(cases().count() >= 150);
    }
  }

  @Nested
  class Rules {

    static Stream<Arguments> cases() {
      return rows("rules.txt", 5);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void areReportedAtTheirPlace(
        String name, String pointer, String value, String at, String message) {
      byte[] bytes = Document.bytes(Document.everythingBut(pointer, value));
      assertEquals(
          List.of(at + ": " + message),
          SpecReader.readConfig(bytes).violations().stream()
              .map(MalformedConfigTest::place)
              .toList(),
          name);
    }

    @Test
    void withoutNamespacesAllThatNeedsOneIsNamedInTheOrderOfTheFile() {
      byte[] bytes = Document.bytes(Document.everythingBut("/linux/namespaces", "[]"));
      assertEquals(
          List.of(
              "/hostname: unable to set hostname without a private UTS namespace",
              "/domainname: unable to set domainname without a private UTS namespace",
              "/linux/uidMappings: user namespace mappings specified, but user namespace isn't"
                  + " enabled in the config",
              "/linux/sysctl/kernel.msgmax: sysctl \"kernel.msgmax\" is not allowed in the hosts"
                  + " ipc namespace",
              "/linux/sysctl/net.core.somaxconn: sysctl \"net.core.somaxconn\" not allowed in"
                  + " host network namespace",
              "/linux/namespaces: unable to restrict sys entries without a private MNT namespace",
              "/linux/netDevices: unable to move network devices without a private NET namespace",
              "/linux/timeOffsets: time namespace offsets specified, but time namespace isn't"
                  + " enabled in the config"),
          SpecReader.readConfig(bytes).violations().stream()
              .map(MalformedConfigTest::place)
              .toList());
    }

    @Test
    void aMisspeltNamespaceIsNotBlamedTwice() {
      byte[] bytes = Document.bytes(Document.everythingBut("/linux/namespaces/3/type", "\"utz\""));
      assertEquals(
          List.of("/linux/namespaces/3/type: unknown namespace type \"utz\""),
          SpecReader.readConfig(bytes).violations().stream()
              .map(MalformedConfigTest::place)
              .toList());
    }
  }

  @Nested
  class Text {

    @Test
    void keysGivenTwiceAreAllNamed() {
      List<Violation> found =
          read("{\"ociVersion\":\"1.0.0\",\"ociVersion\":\"1.0.0\",\n\"root\":{\"path\":\"a\",\"path\":\"b\"},"
                  + "\"annotations\":{\"k\":\"1\",\"k\":\"2\"}}")
              .violations();
      List<String> twice =
          found.stream()
              .filter(v -> v.message().contains("is given twice"))
              .map(v -> v.pointer() + " line " + v.line())
              .toList();
      assertEquals(
          List.of("/ociVersion line 1", "/root/path line 2", "/annotations/k line 2"), twice);
    }

    @Test
    void documentsInOtherEncodingsAreRefused() {
      byte[] utf16 = "{\"ociVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_16LE);
      assertEquals(
          "byte 0 at offset 1 is not UTF-8 text",
          SpecReader.readConfig(utf16).violations().get(0).message());
      assertEquals(
          "the document starts with a byte order mark",
          read("\ufeff{}").violations().get(0).message());
    }

    @Test
    void malformedUtf8IsRefusedWithItsLine() {
      for (byte[] bad :
          new byte[][] {
            {(byte) 0xc0, (byte) 0xaf}, // an overlong slash
            {(byte) 0xed, (byte) 0xa0, (byte) 0x80}, // a surrogate
            {(byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80}, // beyond Unicode
            {(byte) 0x80}, // a continuation by itself
            {(byte) 0xe2, (byte) 0x82, 'x'}, // broken off
          }) {
        byte[] document = new byte[10 + bad.length];
        java.util.Arrays.fill(document, (byte) ' ');
        document[0] = '\n';
        System.arraycopy(bad, 0, document, 5, bad.length);
        Violation violation = SpecReader.readConfig(document).violations().get(0);
        assertEquals(
            "byte " + (bad[0] & 0xff) + " at offset 5 is not UTF-8 text", violation.message());
        assertEquals(2, violation.line());
        assertEquals(5, violation.column());
      }
    }

    @Test
    void halfASurrogatePairIsNoText() {
      List<Violation> found =
          read("{\"ociVersion\":\"1.0.0\",\"hostname\":\"\\ud800x\"}").violations();
      assertTrue(
          found.stream()
              .anyMatch(v ->
                  place(v).equals("/hostname: a string with half a surrogate pair is no text")),
          found.toString());
    }

    @Test
    void wellFormedUtf8OfEveryLengthIsRead() {
      Spec spec =
          read("{\"ociVersion\":\"1.0.0\",\"process\":{\"args\":[\"a\u00e9\u20ac\ud83d\ude00\"],\"cwd\":\"/\"},"
                  + "\"root\":{\"path\":\"r\"},\"linux\":{\"namespaces\":[{\"type\":\"mount\"}]}}")
              .valid();
      Process process = java.util.Objects.requireNonNull(spec.process());
      assertEquals("a\u00e9\u20ac\ud83d\ude00", process.args().get(0));
    }

    @Test
    void aDocumentBeyondTheSizeIsRefusedUnread() {
      SpecReading<Spec> reading = SpecReader.readConfig(new byte[JsonText.MOST_BYTES + 1]);
      assertEquals(
          "the document has 4194305 bytes, more than 4194304",
          reading.violations().get(0).message());
    }

    @Test
    void aHostileNumberOfFaultsIsCutOff() {
      String faults = "7,".repeat(5000);
      List<Violation> found =
          read("{\"mounts\":[" + faults + "7],\"ociVersion\":\"1.0.0\"}").violations();
      assertEquals(1001, found.size());
      assertEquals("4001 more violations are not listed", found.getLast().message());
    }

    @Test
    void whatFollowsAFaultInTheSyntaxIsNotGuessed() {
      List<Violation> found = read("{\"ociVersion\":7,\n\"root\":{\"path\" \"x\"}}").violations();
      assertEquals(List.of(1, 2), found.stream().map(Violation::line).toList(), found.toString());
      assertTrue(found.get(1).message().startsWith("the document is no JSON: "));
    }

    @Test
    void theFaultOfOpenBracketsIsOneShortSentence() {
      assertEquals(
          "the document is no JSON: unexpected end-of-input: expected close marker for Object",
          read("{\"ociVersion\":\"1.0.0\"").violations().get(0).message());
    }
  }
}

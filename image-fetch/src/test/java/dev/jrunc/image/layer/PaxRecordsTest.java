package dev.jrunc.image.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaxRecordsTest {
  private static Map<String, byte[]> parse(String body) throws IOException {
    return PaxRecords.parse(body.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void valuesAreBytesOfAnyKind() throws IOException {
    Map<String, byte[]> records = parse("9 a=\n=\u0000\u00ff\n9 path=x\n");
    assertEquals(List.of("a", "path"), List.copyOf(records.keySet()));
    assertArrayEquals(new byte[] {'\n', '=', 0, (byte) 0xff}, records.get("a"));
  }

  // As pax(1) has it, and every engine: without a value there is no record.
  @Test
  void anEmptyValueTakesTheRecordBack() throws IOException {
    assertTrue(parse("6 a=1\n5 a=\n").isEmpty());
    assertTrue(parse("8 path=\n").isEmpty());
  }

  @Test
  void theLastOfTwoCountsAndZerosEndThem() throws IOException {
    Map<String, byte[]> records = parse("6 a=1\n6 a=2\n\0\0\0");
    assertArrayEquals(new byte[] {'2'}, records.get("a"));
    assertEquals(1, records.size());
    assertTrue(parse("").isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=1\n",
        "6a=1\n",
        "7 a=1\n",
        "5 a=1\n",
        "6 a=1",
        "6 a:1\n",
        "5 =1\n",
        "99999999999 a=1\n",
        "0 a=1\n",
        "-6 a=1\n",
        "6 a=1\nx"
      })
  void malformedOnesAreRefused(String body) {
    IOException failure = assertThrows(IOException.class, () -> parse(body));
    assertTrue(
        String.valueOf(failure.getMessage()).startsWith("malformed PAX record at byte "),
        failure::toString);
  }

  @Test
  void aNulInAKeyIsRefused() {
    IOException failure = assertThrows(IOException.class, () -> parse("7 a\0=1\n"));
    assertTrue(
        String.valueOf(failure.getMessage()).startsWith("malformed PAX record: a NUL"),
        failure::toString);
  }
}

package dev.jrunc.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.runtime.error.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "512, 512",
    "512b, 512",
    "64k, 65536",
    "64M, 67108864",
    "64MB, 67108864",
    "64MiB, 67108864",
    "'2 g', 2147483648",
    "1.5K, 1536",
    ".5m, 524288",
    "1t, 1099511627776",
    "-1, -1"
  })
  void readsNumbersWithUnits(String word, long bytes) {
    assertEquals(bytes, ByteSize.parse(word, "memory"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-2", "1.2.3", "M", "99999999999999999999", "9999999t"})
  void refusesWhatIsNoSize(String word) {
    Failure failure = assertThrows(Failure.class, () -> ByteSize.parse(word, "memory"));
    assertEquals(true, String.valueOf(failure.getMessage()).startsWith("invalid value for memory"));
  }

  @Test
  void namesTheSuffixItDoesNotKnow() {
    Failure failure = assertThrows(Failure.class, () -> ByteSize.parse("5x", "memory-swap"));
    assertEquals("invalid value for memory-swap: invalid suffix: 'x'", failure.getMessage());
  }
}

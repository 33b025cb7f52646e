package dev.jrunc.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class WholeNumberTest {
  private static final BigInteger LONG_LEAST = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger LONG_MOST = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger UNSIGNED_MOST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  @Test
  void readsTheBordersAndRefusesWhatIsBeyond() throws IOException {
    for (BigInteger border :
        new BigInteger[] {BigInteger.ZERO, LONG_LEAST, LONG_MOST, UNSIGNED_MOST}) {
      for (int i = -12; i <= 12; i++) {
        agrees(border.add(BigInteger.valueOf(i)).toString());
      }
    }
    agrees("-0");
    agrees("-1" + "0".repeat(60));
    agrees("9".repeat(60));
  }

  @Test
  void agreesWithBigIntegerOnNumbersOfEveryLength() throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < 3000; i++) {
      BigInteger number = new BigInteger(1 + i % 70, random);
      agrees(number.toString());
      agrees(number.negate().toString());
    }
  }

  private static void agrees(String text) throws IOException {
    BigInteger exact = new BigInteger(text);
    assertEquals(within(exact, LONG_LEAST, LONG_MOST), signed(text), text);
    assertEquals(within(exact, BigInteger.ZERO, UNSIGNED_MOST), unsigned(text), text);
  }

  private static @Nullable Long within(BigInteger exact, BigInteger least, BigInteger most) {
    return exact.compareTo(least) < 0 || exact.compareTo(most) > 0 ? null : exact.longValue();
  }

  private static @Nullable Long signed(String text) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      parser.nextToken();
      return WholeNumber.signed(parser);
    }
  }

  private static @Nullable Long unsigned(String text) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      parser.nextToken();
      return WholeNumber.unsigned(parser);
    }
  }
}

package dev.jrunc.runtime.nativetest;

import static dev.jrunc.runtime.nativetest.Main.equal;
import static dev.jrunc.runtime.nativetest.Main.fails;

import dev.jrunc.runtime.nativetest.Main.Named;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What Java promises and plain C does not: gcc's flags and TeaVM's checks keep it. */
final class LanguageCases {
  // Volatile, so that the compiler cannot work the answers out beforehand.
  private static volatile int largest = Integer.MAX_VALUE;
  private static volatile long largestLong = Long.MAX_VALUE;
  private static volatile int shift = 33;
  private static volatile Object text = "text";
  private static volatile int[] four = new int[4];
  private static volatile int nine = 9;

  private LanguageCases() {}

  sealed interface Shape permits Circle, Square {}

  record Circle(int radius) implements Shape {}

  record Square(int side) implements Shape {}

  static List<Named> all() {
    return List.of(
        new Named("int addition wraps", () -> equal(Integer.MIN_VALUE, largest + 1)),
        new Named("int multiplication wraps", () -> equal(1, largest * largest)),
        new Named("long addition wraps", () -> equal(Long.MIN_VALUE, largestLong + 1)),
        new Named("a compare after overflow is not folded", () -> equal(true, overflows(largest))),
        new Named("a shift counts modulo the width", () -> equal(2, 1 << shift)),
        new Named("MIN_VALUE has no absolute value", LanguageCases::absolute),
        new Named("an index past the end throws", LanguageCases::index),
        new Named("a store past the end throws", LanguageCases::store),
        new Named("a wrong cast throws", LanguageCases::cast),
        new Named("null is not dereferenced", LanguageCases::dereference),
        new Named("a switch on a sealed type finds its case", LanguageCases::sealedSwitch),
        new Named("records compare by value", () -> equal(new Circle(3), new Circle(3))),
        new Named("finally runs before the failure goes on", LanguageCases::finallyRuns),
        new Named("a catch sees what its try has set", LanguageCases::setInTry),
        new Named("maps keep their order of insertion", LanguageCases::order),
        new Named("hash maps find what was put", LanguageCases::hashing),
        new Named("malformed UTF-8 is replaced", LanguageCases::malformed),
        new Named("UTF-8 goes out as it came in", LanguageCases::utf8),
        new Named("ISO-8859-1 keeps every byte", LanguageCases::latin1),
        new Named("unsigned numbers are printed as such", LanguageCases::unsigned),
        new Named("a recursion of 20,000 frames fits", () -> equal(20000, depth(20000))));
  }

  private static boolean overflows(int x) {
    return x + 1 < x;
  }

  private static int depth(int n) {
    return n == 0 ? 0 : 1 + depth(n - 1);
  }

  private static void absolute() {
    equal(Integer.MIN_VALUE, Math.abs(largest + 1));
  }

  private static void index() {
    fails(IndexOutOfBoundsException.class, () -> equal(0, four[nine]));
  }

  private static void store() {
    fails(IndexOutOfBoundsException.class, () -> four[nine] = 5);
  }

  private static void cast() {
    fails(ClassCastException.class, () -> equal(1, (Integer) text));
  }

  private static void dereference() {
    fails(NullPointerException.class, () -> equal(0, nothing().length()));
  }

  @SuppressWarnings("NullAway") // The case is about a null that should not be there.
  private static String nothing() {
    return nine == 9 ? null : "";
  }

  private static void sealedSwitch() {
    Shape shape = nine == 9 ? new Square(4) : new Circle(1);
    String said =
        switch (shape) {
          case Circle c -> "circle " + c.radius();
          case Square(int side) when side > 3 -> "large square";
          case Square s -> "square " + s.side();
        };
    equal("large square", said);
  }

  private static void finallyRuns() {
    List<String> order = new ArrayList<>();
    try {
      try {
        throw new IllegalStateException("body");
      } finally {
        order.add("finally");
      }
    } catch (IllegalStateException e) {
      order.add("body");
    }
    equal(List.of("finally", "body"), order);
  }

  private static void setInTry() {
    for (int depth = 0; depth < 3; depth++) {
      List<String> seen = null;
      String stage = "before";
      try {
        seen = new ArrayList<>(List.of("first"));
        stage = "inside" + depth;
        seen.add(stage);
        throwing(depth);
      } catch (IllegalStateException | IllegalArgumentException e) {
        equal("inside" + depth, stage);
      } catch (RuntimeException e) {
        equal("inside2", stage);
      }
      equal(2, seen == null ? -1 : seen.size());
    }
  }

  private static void throwing(int kind) {
    switch (kind) {
      case 0 -> throw new IllegalStateException();
      case 1 -> throw new IllegalArgumentException();
      default -> throw new UnsupportedOperationException();
    }
  }

  private static void order() {
    Map<String, Integer> map = new LinkedHashMap<>();
    for (int i = 100; i > 0; i--) {
      map.put("key" + i, i);
    }
    equal("key100", map.keySet().iterator().next());
  }

  private static void hashing() {
    Map<String, Integer> map = new HashMap<>();
    for (int i = 0; i < 5000; i++) {
      map.put("key" + i, i);
    }
    for (int i = 0; i < 5000; i++) {
      equal(i, map.getOrDefault("key" + i, -1));
    }
  }

  private static void malformed() {
    byte[] bytes = {(byte) 0xc3, (byte) 0x28, (byte) 0xff, 65};
    String decoded = new String(bytes, StandardCharsets.UTF_8);
    equal(true, decoded.endsWith("A") && decoded.indexOf('\ufffd') >= 0);
  }

  private static void utf8() {
    String mixed = "a\u00e4\u20ac\ud83d\ude00";
    equal(mixed, new String(mixed.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    equal(10, mixed.getBytes(StandardCharsets.UTF_8).length);
  }

  private static void latin1() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < 256; i++) {
      bytes[i] = (byte) i;
    }
    String decoded = new String(bytes, StandardCharsets.ISO_8859_1);
    byte[] again = decoded.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < 256; i++) {
      equal(bytes[i], again[i]);
    }
  }

  private static void unsigned() {
    equal("18446744073709551615", Long.toUnsignedString(-1));
    equal("4294967295", Long.toString(0xffffffffL));
    equal(63, Integer.parseInt("077", 8));
  }
}

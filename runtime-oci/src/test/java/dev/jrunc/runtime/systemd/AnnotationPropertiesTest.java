package dev.jrunc.runtime.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.runtime.dbus.Value;
import dev.jrunc.runtime.error.Failure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnnotationPropertiesTest {

  private static Property one(String name, String text) {
    Map<String, String> annotations = Map.of("org.systemd.property." + name, text, "other", "'x'");
    return AnnotationProperties.of(annotations).getFirst();
  }

  private static Value value(String text) {
    return one("Any", text).value();
  }

  private static void refused(String name, String text, String sentence) {
    Failure failure = assertThrows(Failure.class, () -> one(name, text));
    assertTrue(String.valueOf(failure.getMessage()).contains(sentence), failure.getMessage());
    assertEquals("/annotations/org.systemd.property." + name, failure.pointer());
  }

  @Test
  void readsValuesAsPeopleWriteThem() {
    assertEquals(Value.of("inactive-or-failed"), value("'inactive-or-failed'"));
    assertEquals(Value.of("it's \"\n"), value("\"it's \\\"\\n\""));
    assertEquals(Value.of(true), value("true"));
    assertEquals(Value.of(false), value("boolean false"));
    assertEquals(new Value.Number('i', -5), value("-5"));
    assertEquals(Value.uint64(-1), value("uint64 18446744073709551615"));
    assertEquals(new Value.Number('q', 0x1f), value("uint16 0x1f"));
    assertEquals(new Value.Number('y', 8), value("byte 010"));
    assertEquals(new Value.Number('x', Long.MIN_VALUE), value("int64 -9223372036854775808"));
    assertEquals(new Value.Number('d', Double.doubleToLongBits(1.5)), value("1.5"));
    assertEquals(Value.path("/a"), value("objectpath '/a'"));
    assertEquals(
        new Value.Array("s", List.of(Value.of("a.service"), Value.of("b.service"))),
        value("['a.service', 'b.service']"));
    assertEquals(new Value.Array("s", List.of()), value("@as []"));
    assertEquals(new Value.Array("t", List.of(Value.uint64(1))), value("[uint64 1]"));
    assertEquals(
        new Value.Array("(ss)", List.of(Value.struct(Value.of("/dev/null"), Value.of("rw")))),
        value("[('/dev/null', 'rw')]"));
    assertEquals(new Value.Variant(Value.of("a")), value(" < 'a' > "));
  }

  @Test
  void turnsSecondsIntoMicroseconds() {
    assertEquals(Property.of("TimeoutStopUSec", 7_000_000), one("TimeoutStopSec", "7"));
    assertEquals(Property.of("TimeoutStopUSec", 1_500_000), one("TimeoutStopSec", "1.5"));
    assertEquals(Property.of("TimeoutStopUSec", 9), one("TimeoutStopUSec", "uint64 9"));
    assertEquals(Property.of("Sec", "a"), one("Sec", "'a'"));
    refused("TimeoutStopSec", "'many'", "not a number");
  }

  @Test
  void refusesNamesThatAreNone() {
    refused("AB", "1", "name incorrect: too short");
    refused("A1b", "1", "name incorrect: contains non-alphabetic character");
  }

  @Test
  void saysWhereAValueIsWrong() {
    refused("Any", "", "the value is cut off at character 1");
    refused("Any", "'open", "the text has no end");
    refused("Any", "[1, 'a']", "a list holds values of two types");
    refused("Any", "[]", "an empty list needs a type");
    refused("Any", "[1, 2", "the value is cut off");
    refused("Any", "1 2", "more follows at character 3");
    refused("Any", "byte 256", "\"256\" is no number of type \"y\" at character 6");
    refused("Any", "uint64 18446744073709551616", "is no number of type \"t\"");
    refused("Any", "uint32 -1", "is no number of type \"u\"");
    refused("Any", "int32 2147483648", "is no number of type \"i\"");
    refused("Any", "word", "is no number");
    refused("Any", "{'a': 1}", "is no number");
    refused("Any", "@z 1", "unknown type \"z\"");
    refused("Any", "[".repeat(40), "too deep");
  }
}

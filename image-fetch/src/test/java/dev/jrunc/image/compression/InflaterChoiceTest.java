package dev.jrunc.image.compression;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.failure.ImageFailure;
import org.junit.jupiter.api.Test;

class InflaterChoiceTest {
  @Test
  void takesTheLibraryWhereThereIsOne() {
    Inflaters.assumeThereIs("libisal");
    try (Inflation chosen = InflaterChoice.open(null);
        Inflation named = InflaterChoice.open("libisal")) {
      assertInstanceOf(IsalInflation.class, chosen);
      assertInstanceOf(IsalInflation.class, named);
    }
  }

  @Test
  void takesTheJdksWhereItIsAskedFor() {
    try (Inflation chosen = InflaterChoice.open("jdk")) {
      assertInstanceOf(JdkInflation.class, chosen);
    }
  }

  @Test
  void refusesAnotherWord() {
    ImageFailure failure = assertThrows(ImageFailure.class, () -> InflaterChoice.open("fast"));
    assertEquals(
        "JIMAGE_INFLATER is \"fast\"; it may be jdk or libisal, or not set", failure.getMessage());
  }

  @Test
  void knowsNoLibraryThatIsMissingOrAnother() {
    assertTrue(IsalLibrary.find("libnothing.so.9").isEmpty());
    assertTrue(IsalLibrary.find("libc.so.6").isEmpty());
  }
}

package dev.jrunc.image.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostProcessorTest {
  @ParameterizedTest
  @CsvSource({
    "8, ARMv8 Processor rev 4 (v8l), v7",
    "AArch64, AArch64 Processor, v7",
    "7, ARMv7 Processor rev 5 (v7l), v7",
    "7M, something, v7",
    "7, ARMv6-compatible processor rev 7 (v6l), v6",
    "6TEJ, ARM926EJ-S rev 5 (v5l), v6",
    "5TE, Feroceon, v5",
    "4T, ARM920T, v4",
    "9000, something new, ''",
  })
  void isFoundAsContainerdFindsIt(String architecture, String model, String variant) {
    assertEquals(
        variant,
        HostProcessor.arm(
            List.of(
                "processor\t: 0",
                "model name\t: " + model,
                "CPU implementer\t: 0x41",
                "CPU architecture: " + architecture,
                "",
                "Hardware\t: BCM2835")));
  }

  @Test
  void isAskedOfArmAlone() {
    assertEquals("", HostProcessor.arm(List.of()));
    assertEquals("", HostProcessor.variant("amd64"));
    assertEquals("", HostProcessor.variant("arm64"));
    assertEquals("linux/arm/v6", new Platform("linux", "arm", "v6").toString());
    assertEquals("linux/arm", new Platform("linux", "arm", "v7").toString());
  }
}

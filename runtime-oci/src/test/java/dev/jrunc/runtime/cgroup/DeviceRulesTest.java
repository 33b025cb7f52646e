package dev.jrunc.runtime.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.DeviceCgroupRule;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DeviceRulesTest {
  private static final DeviceCgroupRule DENY_ALL =
      new DeviceCgroupRule(false, null, null, null, "rwm");

  private static DeviceCgroupRule rule(
      boolean allow, String type, @Nullable Long major, @Nullable Long minor, String access) {
    return new DeviceCgroupRule(allow, type, major, minor, access);
  }

  private static DeviceRules of(DeviceCgroupRule... rules) {
    return DeviceRules.of(Arrays.asList(rules));
  }

  @Nested
  class AsV1Files {
    @Test
    void aDenyAllWithDefaultsIsRuncsList() {
      assertEquals(
          List.of(
              "-a",
              "+c *:* m",
              "+b *:* m",
              "+c 1:3 rwm",
              "+c 1:8 rwm",
              "+c 1:7 rwm",
              "+c 5:0 rwm",
              "+c 1:5 rwm",
              "+c 1:9 rwm",
              "+c 136:* rwm",
              "+c 5:2 rwm",
              "+c 10:200 rwm"),
          of(DENY_ALL).withDefaults().denyThenAllow());
    }

    @Test
    void laterRulesChangeEarlierOnesOfTheSameDevice() {
      assertEquals(
          List.of("-a", "+c 4:5 rm"),
          of(
                  DENY_ALL,
                  rule(true, "c", 4L, 5L, "rw"),
                  rule(true, "c", 4L, 5L, "m"),
                  rule(false, "c", 4L, 5L, "w"))
              .denyThenAllow());
    }

    @Test
    void aDeviceWhoseLastAccessIsDeniedIsGone() {
      assertEquals(
          List.of("-a"),
          of(rule(true, "b", 8L, 0L, "r"), rule(false, "b", 8L, 0L, "rwm")).denyThenAllow());
    }

    @Test
    void allowAllNeedsNoDefaults() {
      assertEquals(
          List.of("+a"), of(rule(true, "a", null, null, "rwm")).withDefaults().denyThenAllow());
    }

    @Test
    void aHoleInAWildcardIsRefused() {
      Failure failure =
          assertThrows(
              Failure.class,
              () -> of(rule(true, "c", null, null, "rw"), rule(false, "c", 1L, 3L, "w")));
      assertEquals("device rule \"c 1:3 w\" makes a hole in \"c *:* rw\"", failure.getMessage());
      assertEquals("/linux/resources/devices/1", failure.pointer());
    }

    @Test
    void unknownTypesAndAccessesAreRefused() {
      assertEquals(
          "device type \"x\" is none of a, b, c",
          assertThrows(Failure.class, () -> of(rule(true, "x", 1L, 1L, "r"))).getMessage());
      assertEquals(
          "device access must not be empty",
          assertThrows(Failure.class, () -> of(rule(true, "c", 1L, 1L, ""))).getMessage());
    }
  }

  /** The program is run by an interpreter of the few instructions it is made of. */
  @Nested
  class AsV2Program {
    private final byte[] strict =
        DeviceProgram.of(of(DENY_ALL, rule(true, "b", 8L, null, "r")).withDefaults());
    private final byte[] lax =
        DeviceProgram.of(
            of(rule(true, "a", null, null, "rwm"), rule(false, "c", 4294967295L, 3L, "w")));

    @Test
    void allowsWhatIsListedAndNothingElse() {
      assertTrue(asks(strict, 'c', 1, 3, "rw"));
      assertTrue(asks(strict, 'c', 136, 77, "rw"));
      assertTrue(asks(strict, 'c', 99, 99, "m"));
      assertTrue(asks(strict, 'b', 8, 4, "r"));
      assertFalse(asks(strict, 'b', 8, 4, "rw"));
      assertFalse(asks(strict, 'b', 9, 4, "r"));
      assertFalse(asks(strict, 'c', 10, 201, "r"));
    }

    @Test
    void forbidsAsSoonAsOneAccessIsForbidden() {
      assertTrue(asks(lax, 'c', 0xffffffff, 3, "r"));
      assertFalse(asks(lax, 'c', 0xffffffff, 3, "rw"));
      assertTrue(asks(lax, 'b', 0xffffffff, 3, "rw"));
    }

    private static boolean asks(byte[] program, char type, int major, int minor, String access) {
      int bits = 0;
      bits |= access.contains("r") ? 2 : 0;
      bits |= access.contains("w") ? 4 : 0;
      bits |= access.contains("m") ? 1 : 0;
      int[] context = {bits << 16 | (type == 'b' ? 1 : 2), major, minor};
      int[] register = new int[6];
      for (int at = 0; ; at += 8) {
        int dst = program[at + 1] & 15;
        int src = (program[at + 1] >> 4) & 15;
        int offset = (program[at + 2] & 0xff) | program[at + 3] << 8;
        int value = 0;
        for (int i = 0; i < 4; i++) {
          value |= (program[at + 4 + i] & 0xff) << (8 * i);
        }
        switch (program[at] & 0xff) {
          case 0x61 -> register[dst] = context[offset / 4];
          case 0x54 -> register[dst] &= value;
          case 0x74 -> register[dst] >>>= value;
          case 0xb4 -> register[dst] = value;
          case 0xbc -> register[dst] = register[src];
          case 0x56 -> at += register[dst] != value ? 8 * offset : 0;
          case 0x5e -> at += register[dst] != register[src] ? 8 * offset : 0;
          case 0x16 -> at += register[dst] == value ? 8 * offset : 0;
          case 0x95 -> {
            return register[0] == 1;
          }
          default -> throw new AssertionError("instruction " + program[at]);
        }
      }
    }
  }
}

package dev.jrunc.runtime.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.jrunc.kernel.Architecture;
import dev.jrunc.spec.Seccomp;
import dev.jrunc.spec.SeccompAction;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SeccompFlagsTest {

  private static Seccomp profile(@Nullable List<String> flags) {
    return new Seccomp(SeccompAction.ALLOW, null, List.of(), flags, null, null, List.of());
  }

  @Test
  void onlyNoWordOfFlagsTurnsTheMitigationOff() {
    assertEquals(SeccompFlags.SPEC_ALLOW, SeccompFlags.of(profile(null)));
    assertEquals(0, SeccompFlags.of(profile(List.of())));
    assertEquals(0, SeccompFlags.of(profile(List.of("SECCOMP_FILTER_FLAG_TSYNC"))));
    assertEquals(SeccompFlags.LOG, SeccompFlags.of(profile(List.of("SECCOMP_FILTER_FLAG_LOG"))));
  }

  @Test
  void theCacheTellsThemApart() {
    assertNotEquals(key(null), key(List.of()));
  }

  private static String key(@Nullable List<String> flags) {
    return ProfileKey.of(profile(flags), Architecture.X86_64, "2.5.4");
  }
}

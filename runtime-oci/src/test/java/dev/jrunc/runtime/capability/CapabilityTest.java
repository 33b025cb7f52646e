package dev.jrunc.runtime.capability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.OtherKernel;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Capabilities;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapabilityTest {
  private static final long ALL = (1L << 41) - 1;
  private static final long RESOURCE = 1L << 24;

  @Test
  void namesAndNumbersAgreeWithTheKernelsHeader() {
    assertEquals(0, Capability.number("CAP_CHOWN"));
    assertEquals(5, Capability.number("CAP_KILL"));
    assertEquals(21, Capability.number("CAP_SYS_ADMIN"));
    assertEquals(24, Capability.number("CAP_SYS_RESOURCE"));
    assertEquals(40, Capability.number("CAP_CHECKPOINT_RESTORE"));
    for (int i = 0; i < Capability.COUNT; i++) {
      assertEquals(i, Capability.number(Capability.name(i)));
    }
  }

  @Test
  void whatIsNoNameHasNoNumber() {
    for (String name :
        List.of("", "CAP_", "KILL", "CAP_KIL", "CAP_KILLX", "cap_kill", "CAP_SYS_")) {
      assertEquals(-1, Capability.number(name), name);
    }
  }

  @Test
  void unknownAndUnavailableNamesAreLeftOutWithAWarning() {
    Capabilities asked =
        new Capabilities(
            List.of("CAP_KILL", "CAP_FLY", "CAP_BPF"),
            List.of("CAP_FLY"),
            List.of(),
            List.of("CAP_KILL"),
            List.of("CAP_KILL"));
    CapabilityPlan plan = CapabilityPlan.of(asked, (1L << 38) - 1);
    assertEquals(1L << 5, plan.bounding());
    assertEquals(0, plan.effective());
    assertEquals(
        List.of(
            "ignoring unknown or unavailable capabilities: [CAP_FLY CAP_BPF]",
            "can't raise ambient capability CAP_KILL: operation not permitted"),
        plan.warnings());
  }

  @Test
  void noCapabilitiesAtAllIsAnEmptyPlan() {
    CapabilityPlan plan = CapabilityPlan.of(null, ALL);
    assertEquals(0, plan.bounding() | plan.permitted() | plan.effective());
    assertEquals(List.of(), plan.warnings());
  }

  @Test
  void whatThisProcessCannotGiveIsRefusedByName() {
    Capabilities asked =
        new Capabilities(
            List.of("CAP_SYS_RESOURCE"),
            List.of("CAP_SYS_RESOURCE"),
            List.of(),
            List.of("CAP_KILL", "CAP_SYS_RESOURCE"),
            List.of());
    CapabilityPlan plan = CapabilityPlan.of(asked, ALL);
    plan.requireAvailable(ALL, ALL);
    Failure failure =
        assertThrows(Failure.class, () -> plan.requireAvailable(ALL & ~RESOURCE, ALL & ~RESOURCE));
    assertEquals(
        "unable to apply caps: operation not permitted: this process has no CAP_SYS_RESOURCE to"
            + " give to the permitted set",
        failure.getMessage());
    assertEquals("/process/capabilities/permitted", failure.pointer());
  }

  @Test
  void readsTheBoundingSetOfThisProcess() throws Exception {
    Linux linux = Linux.over(new JnrGate());
    String line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(text -> text.startsWith("CapBnd:"))
            .findFirst()
            .orElseThrow();
    assertEquals(
        Long.parseLong(line.substring(7).strip(), 16), BoundingSet.read(linux).available());
    assertTrue(Long.bitCount(BoundingSet.read(linux).known()) >= 38);
  }

  @Test
  void dropsWhatOnlyANewerKernelKnows() {
    List<Long> dropped = new ArrayList<>();
    long last = Capability.COUNT + 1;
    Linux newer =
        OtherKernel.answering(
            SystemCall.PRCTL,
            made -> {
              boolean drop = made.arguments()[0] == 24;
              if (!drop) {
                return 0L;
              }
              if (made.arguments()[1] > last) {
                return (long) -Errno.EINVAL;
              }
              dropped.add(made.arguments()[1]);
              return 0L;
            });
    CapabilityPlan everything = CapabilityPlan.of(null, ALL);
    CapabilityPlan plan = new CapabilityPlan(ALL, ALL, ALL, 0, 0, everything.known(), List.of());
    new CapabilityApplier(newer, plan).beforeIds();
    assertEquals(List.of(41L, 42L), dropped);
  }
}

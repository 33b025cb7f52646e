package dev.jrunc.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SystemCall;
import dev.jrunc.runtime.OtherKernel;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.NamespacePlan;
import dev.jrunc.runtime.process.Joining;
import dev.jrunc.runtime.process.Spawner;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ProcessIdentity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done where the kernel makes no process in the group of a container on cgroup v2. */
class ExecGroupsTest {
  private static final NamespacePlan NO_NAMESPACES =
      new NamespacePlan(0, List.of(), List.of(), List.of(), Map.of());

  private static Failure spawnRefused(int errno) {
    Linux linux = OtherKernel.answering(SystemCall.CLONE3, made -> (long) -errno);
    int flags = OpenFlags.PATH | OpenFlags.DIRECTORY;
    try (Descriptor group = linux.files().open(linux.currentDirectory(), "/", flags, 0);
        Joining joining = Joining.open(linux, List.of())) {
      return assertThrows(
          Failure.class,
          () -> new Spawner(linux).spawn(NO_NAMESPACES, joining, group, null, channel -> {}));
    }
  }

  private static ExecGroups groups(String unit, List<String> below) {
    ContainerState state =
        new ContainerState(
            "a",
            new ProcessIdentity(1, 1),
            "",
            "",
            "",
            0,
            Map.of("", "/sys/fs/cgroup/a"),
            unit,
            true,
            null,
            Map.of(),
            "1.3.0");
    Linux linux = OtherKernel.answering(SystemCall.CLONE3, made -> null);
    return new ExecGroups(linux, state, below);
  }

  @ParameterizedTest
  @ValueSource(ints = {Errno.EBUSY, Errno.ENOENT, Errno.ENODEV})
  void followsInitOutOfGroupThatTakesNobody(int errno) {
    Failure refused = spawnRefused(errno);
    assertTrue(groups("", List.of()).canFollowInit(refused));
    assertFalse(groups("", List.of()).mustBeMoved(refused));
    assertFalse(groups("", List.of("below")).canFollowInit(refused), "it was named by hand");
  }

  @ParameterizedTest
  @ValueSource(ints = {Errno.EACCES, Errno.EPERM})
  void letsSystemdMoveWhereUserMayNot(int errno) {
    Failure refused = spawnRefused(errno);
    assertTrue(groups("a.scope", List.of()).mustBeMoved(refused));
    assertFalse(groups("", List.of()).mustBeMoved(refused), "there is no systemd to ask");
    assertFalse(groups("a.scope", List.of()).canFollowInit(refused));
  }

  @Test
  void namesLimitOfProcesses() {
    Failure refused = spawnRefused(Errno.EAGAIN);
    assertEquals(
        "error adding pid to cgroups: resource temporarily unavailable", refused.getMessage());
    assertEquals("/linux/resources/pids/limit", refused.pointer());
    assertTrue(refused.hint().contains("pids.max"));
    assertFalse(groups("a.scope", List.of()).canFollowInit(refused));
    assertFalse(groups("a.scope", List.of()).mustBeMoved(refused));
  }

  @Test
  void saysThatGroupWasRemoved() {
    Failure refused = spawnRefused(Errno.ENODEV);
    assertEquals("error adding pid to cgroups: no such device", refused.getMessage());
    assertEquals("/linux/cgroupsPath", refused.pointer());
    assertTrue(refused.hint().contains("removed"));
  }

  @Test
  void saysOfOtherErrorsThatNamespacesAreNotMade() {
    assertEquals(
        "unable to make the process: no space left on device",
        spawnRefused(Errno.ENOSPC).getMessage());
  }
}

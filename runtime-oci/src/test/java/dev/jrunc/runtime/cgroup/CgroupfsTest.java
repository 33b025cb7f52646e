package dev.jrunc.runtime.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.MemoryResources;
import dev.jrunc.spec.PidsResources;
import dev.jrunc.spec.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On the real host, in groups of its own; skipped without the rights or without v1. */
class CgroupfsTest {
  private final Linux linux = Linux.over(new JnrGate());
  private final CgroupfsDriver driver = new CgroupfsDriver(linux);
  private final String name = "/jrunc-test-" + ProcessHandle.current().pid();
  private CgroupPaths paths = new CgroupPaths(Map.of());

  @BeforeEach
  void locate() {
    assumeTrue(linux.credentials().effectiveUid() == 0, "needs root to make cgroups");
    CgroupHost host = CgroupHost.detect(linux);
    assumeTrue(
        host.layout() == CgroupLayout.V1 && Files.isWritable(Path.of("/sys/fs/cgroup/memory")),
        "needs writable cgroup v1 hierarchies");
    paths = driver.locate(name + "/a", "unused");
  }

  @AfterEach
  void removeAll() {
    for (String directory : paths.directories()) {
      new CgroupRemoval(new CgroupFiles(linux)).remove(List.of(CgroupPaths.parent(directory)));
    }
  }

  private static Resources limits(MemoryResources memory, long pids) {
    return new Resources(
        List.of(),
        memory,
        null,
        new PidsResources(pids),
        null,
        List.of(),
        null,
        Map.of(),
        Map.of());
  }

  private static MemoryResources memory(long limit) {
    return new MemoryResources(limit, null, null, null, null, null, null, null, null);
  }

  private String read(String controller, String file) throws IOException {
    return Files.readString(Path.of(paths.directory(controller), file)).strip();
  }

  @Test
  void makesLimitsAndUnmakesEveryGroup() throws IOException {
    Cgroup cgroup = driver.create(paths);
    assertTrue(cgroup.exists());
    assertFalse(read("cpuset", "cpuset.cpus").isEmpty());
    cgroup.apply(CgroupLimits.of(CgroupLayout.V1, limits(memory(8 << 20), 10)));
    assertEquals("8388608", read("memory", "memory.limit_in_bytes"));
    assertEquals("10", read("pids", "pids.max"));
    assertTrue(read("devices", "devices.list").contains("c 1:3 rwm"));
    assertFalse(read("devices", "devices.list").contains("a *:* rwm"));
    assertEquals(List.of(), cgroup.processes().pids());
    cgroup.unmake();
    assertFalse(cgroup.exists());
    assertFalse(Files.exists(Path.of("/sys/fs/cgroup/memory" + name)));
  }

  @Test
  void holdsSignalsFreezesAndRemoves() throws Exception {
    Cgroup cgroup = driver.create(paths);
    Process sleeper = new ProcessBuilder("sleep", "60").start();
    try {
      cgroup.add((int) sleeper.pid());
      Files.createDirectory(Path.of(paths.directory("pids"), "below"));
      assertEquals(List.of((int) sleeper.pid()), cgroup.processes().pids());
      cgroup.processes().freeze();
      assertTrue(cgroup.processes().frozen());
      Failure inUse = assertThrows(Failure.class, () -> driver.create(paths));
      assertEquals("container's cgroup is not empty: 1 process(es) found", inUse.getMessage());
      assertEquals("/linux/cgroupsPath", inUse.pointer());
      assertTrue(cgroup.exists());
      cgroup.processes().thaw();
      assertFalse(cgroup.processes().frozen());
      cgroup.processes().signalAll(9);
    } finally {
      sleeper.destroyForcibly();
    }
    assertEquals(128 + 9, sleeper.waitFor());
    cgroup.remove();
    assertFalse(cgroup.exists());
  }

  @Test
  void aFailureNamesFileValueAndReason() {
    Cgroup cgroup = driver.create(paths);
    CgroupWrite tooMuch =
        new CgroupWrite("cpu", "cpu.cfs_quota_us", "1", "/linux/resources/cpu/quota");
    Failure failure =
        assertThrows(Failure.class, () -> cgroup.apply(new CgroupLimits(List.of(tooMuch), null)));
    assertEquals(
        "failed to write \"1\" to \""
            + paths.directory("cpu")
            + "/cpu.cfs_quota_us\": invalid argument",
        failure.getMessage());
    assertEquals("/linux/resources/cpu/quota", failure.pointer());
    assertEquals("the kernel does not accept this value here", failure.hint());
  }

  @Test
  void aControllerThatIsNotMountedIsNamed() {
    Cgroup cgroup = driver.existing(paths);
    CgroupWrite write = new CgroupWrite("nothing", "nothing.max", "1", "/x");
    Failure failure =
        assertThrows(Failure.class, () -> cgroup.apply(new CgroupLimits(List.of(write), null)));
    assertEquals(
        "cannot set \"nothing.max\": cgroup controller \"nothing\" is not mounted",
        failure.getMessage());
  }

  @Test
  void theEntryIsOpenedInThisProcessAndClosed() {
    Cgroup cgroup = driver.create(paths);
    try (CgroupEntry entry = cgroup.openEntry()) {
      assertEquals(paths.byController().containsKey(""), entry.unified() != null);
    }
  }

  @Test
  void openingAMissingGroupSaysWhich() {
    Failure failure = assertThrows(Failure.class, () -> driver.existing(paths).openEntry());
    assertEquals(
        "unable to open cgroup "
            + paths.directories().getFirst()
            + "/cgroup.procs: no such file or directory",
        failure.getMessage());
  }
}

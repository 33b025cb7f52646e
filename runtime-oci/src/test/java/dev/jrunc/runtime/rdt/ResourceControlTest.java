package dev.jrunc.runtime.rdt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.IntelRdt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a tree of plain files; the kernel would make those of a new group by itself. */
class ResourceControlTest {
  @TempDir Path root;

  private ResourceControl control = new ResourceControl(Linux.over(new JnrGate()), "");

  @BeforeEach
  void tree() throws IOException {
    control = new ResourceControl(Linux.over(new JnrGate()), root.toString());
    put("schemata", "    L3:0=fffff;1=fffff\n    MB:0=100;1=100\n");
    put("info/L3/cbm_mask", "fffff\n");
    put("info/L3/min_cbm_bits", "2\n");
    put("info/L3/num_closids", "16\n");
    put("info/MB/bandwidth_gran", "10\n");
    put("info/MB/delay_linear", "1\n");
    put("info/MB/min_bandwidth", "10\n");
    put("info/MB/num_closids", "8\n");
    put("info/L3_MON/mon_features", "llc_occupancy\nmbm_total_bytes\nmbm_local_bytes\n");
    put("info/last_cmd_status", "Mask out of range\n");
  }

  private void put(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private String text(String path) throws IOException {
    return Files.readString(root.resolve(path));
  }

  /** A group as the kernel makes it. */
  private void group(String path) throws IOException {
    put(path + "/schemata", "L3:0=00ff;1=00ff\nMB:0= 20;1= 70\n");
    put(path + "/tasks", "");
    Files.createDirectories(root.resolve(path + "/mon_groups"));
  }

  private static IntelRdt rdt(
      @Nullable String id, @Nullable String cache, @Nullable String bandwidth, String... others) {
    return new IntelRdt(id, List.of(others), cache, bandwidth, false);
  }

  private Failure refusal(IntelRdt wanted) {
    return assertThrows(Failure.class, () -> control.make(wanted, "web"));
  }

  @Test
  void withoutAnIdTheGroupHasTheContainersNameAndGoesWithIt() throws IOException {
    RdtGroup made = control.make(rdt(null, null, null), "web");
    assertEquals(new RdtGroup(root + "/web", true, null), made);
    assertTrue(control.has(made));
    control.remove(made);
    assertFalse(control.has(made));
    assertFalse(Files.exists(root.resolve("web")));
  }

  @Test
  void theSchemataAreWrittenInTheirOrderAtOnce() throws IOException {
    group("web");
    control.make(rdt(null, "L3:0=7f0;1=1f", "MB:0=20;1=70", "L2:0=f", ""), "web");
    assertTrue(
        text("web/schemata").startsWith("L3:0=7f0;1=1f\nMB:0=20;1=70\nL2:0=f\n"),
        text("web/schemata"));
  }

  @Test
  void aClassThatIsThereIsJoinedAndStays() throws IOException {
    group("gold");
    RdtGroup joined = control.make(rdt("gold", null, null), "web");
    assertEquals(new RdtGroup(root + "/gold", false, null), joined);
    control.add(joined, 42);
    assertEquals("42", text("gold/tasks"));
    control.remove(joined);
    assertTrue(Files.exists(root.resolve("gold/tasks")));
  }

  @Test
  void aSlashIsTheClassOfAll() {
    assertEquals(
        new RdtGroup(root.toString(), false, null), control.make(rdt("/", null, null), "web"));
  }

  @Test
  void aClassWithoutSchemataMustBeThere() {
    Failure failure = refusal(rdt("gold", null, null));
    assertEquals(
        "clos dir not accessible (must be pre-created when schemata, l3CacheSchema and memBwSchema"
            + " are empty): "
            + root
            + "/gold",
        failure.getMessage());
    assertEquals("/linux/intelRdt/closID", failure.pointer());
  }

  @Test
  void schemasOfAnExistingClassMustBeItsOwnWhateverTheirZeros() throws IOException {
    group("gold");
    control.make(rdt("gold", "L3:1=ff;0=0FF", "MB:0=20"), "web");
    group("gold");
    Failure failure = refusal(rdt("gold", "L3:0=7f", null));
    assertTrue(
        String.valueOf(failure.getMessage()).startsWith("\"L3:0=7f\" is not what the existing"),
        failure.getMessage());
    assertEquals("/linux/intelRdt/l3CacheSchema", failure.pointer());
  }

  @Test
  void monitoringHasAGroupOfItsOwnThatGoes() throws IOException {
    group("gold");
    RdtGroup made = control.make(new IntelRdt("gold", List.of(), null, null, true), "web");
    assertEquals(root + "/gold/mon_groups/web", made.monitoring());
    put("gold/mon_groups/web/tasks", "");
    control.add(made, 7);
    assertEquals("7", text("gold/mon_groups/web/tasks"));
    Files.delete(root.resolve("gold/mon_groups/web/tasks"));
    control.remove(made);
    assertFalse(Files.exists(root.resolve("gold/mon_groups/web")));
  }

  @Test
  void whatTheProcessorLacksIsRefusedByName() throws IOException {
    Files.delete(root.resolve("info/MB/bandwidth_gran"));
    Files.delete(root.resolve("info/MB/delay_linear"));
    Files.delete(root.resolve("info/MB/min_bandwidth"));
    Files.delete(root.resolve("info/MB/num_closids"));
    Files.delete(root.resolve("info/MB"));
    Failure failure = refusal(rdt(null, null, "MB:0=20"));
    assertEquals(
        "intelRdt.memBwSchema is specified in config, but Intel RDT/MBA is not enabled",
        failure.getMessage());
    assertFalse(Files.exists(root.resolve("web")));
  }

  @Test
  void aFailureTellsWhatTheKernelSaysAndUnmakesTheGroup() {
    // A group of plain files has no schemata until the kernel makes it.
    Failure failure = refusal(rdt(null, "L3:0=7f0", null));
    assertEquals(
        "intelrdt: unable to write \"L3:0=7f0\" to \""
            + root
            + "/web/schemata\": no such file or directory, last_cmd_status: Mask out of range",
        failure.getMessage());
    assertFalse(Files.exists(root.resolve("web")));
  }

  @Test
  void statsTellOfTheRootTheGroupAndItsCounters() throws IOException {
    group("web");
    put("web/mon_data/mon_L3_00/llc_occupancy", "4096\n");
    put("web/mon_data/mon_L3_00/mbm_total_bytes", "10\n");
    put("web/mon_data/mon_L3_00/mbm_local_bytes", "Unavailable\n");
    RdtStats stats = control.stats(new RdtGroup(root + "/web", true, null));
    assertEquals(
        new RdtStats.Cache("fffff", 2, 16, "L3:0=fffff;1=fffff", "L3:0=00ff;1=00ff"),
        stats.cache());
    assertEquals(
        new RdtStats.Bandwidth(10, 1, 10, 8, "MB:0=100;1=100", "MB:0= 20;1= 70"),
        stats.bandwidth());
    assertEquals(List.of(new RdtStats.Domain(10, 0, 4096)), stats.monitored());
  }

  @Test
  void withoutCountersNothingIsCounted() throws IOException {
    Files.delete(root.resolve("info/L3_MON/mon_features"));
    group("web");
    assertNull(control.stats(new RdtGroup(root + "/web", true, null)).monitored());
  }
}

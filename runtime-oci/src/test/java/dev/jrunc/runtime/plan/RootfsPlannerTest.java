package dev.jrunc.runtime.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.DefaultSpec;
import dev.jrunc.spec.IdMapping;
import dev.jrunc.spec.Spec;
import dev.jrunc.spec.SpecReader;
import dev.jrunc.spec.SpecReading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RootfsPlannerTest {

  private static List<String> plan(Spec spec) {
    RootfsPlanner planner = new RootfsPlanner(spec, "/bundle", PlanOptions.Root.PIVOT);
    List<RootfsStep> steps = new ArrayList<>(planner.beforeHooks());
    steps.addAll(planner.enterRoot());
    steps.addAll(planner.finish());
    return PlanLines.of(steps);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = RootfsPlannerTest.class.getResourceAsStream("/plans/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private static List<String> golden(String name) throws IOException {
    return new String(resource(name), StandardCharsets.UTF_8).lines().toList();
  }

  private static Spec read(byte[] config) {
    SpecReading<Spec> reading = SpecReader.readConfig(config);
    assertEquals(List.of(), reading.violations());
    return Objects.requireNonNull(reading.spec());
  }

  /** A config with these mounts, and more of linux. */
  private static Spec with(String mounts, String linux) {
    String config =
        "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\",\"readonly\":true},"
            + "\"process\":{\"args\":[\"sh\"],\"cwd\":\"/srv//www/.\"},\"mounts\":["
            + mounts
            + "],\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"ipc\"}]"
            + linux
            + "}}";
    return read(config.getBytes(StandardCharsets.UTF_8));
  }

  private static String mount(String destination, String type, String options) {
    return "{\"destination\":\""
        + destination
        + "\",\"type\":\""
        + type
        + "\",\"source\":\"/data\",\"options\":["
        + options
        + "]}";
  }

  private static int place(List<String> lines, String beginning) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith(beginning)) {
        return i;
      }
    }
    throw new AssertionError("no line begins with \"" + beginning + "\" in " + lines);
  }

  private static void assertOrder(List<String> lines, String... beginnings) {
    for (int i = 1; i < beginnings.length; i++) {
      assertTrue(
          place(lines, beginnings[i - 1]) < place(lines, beginnings[i]),
          beginnings[i - 1] + " comes before " + beginnings[i] + " in " + lines);
    }
  }

  @Nested
  class Golden {
    @Test
    void runcsDefaultConfig() throws IOException {
      assertEquals(golden("default.txt"), plan(DefaultSpec.forRoot(false)));
    }

    @Test
    void podmansConfig() throws IOException {
      assertEquals(golden("podman.txt"), plan(read(resource("podman.json"))));
    }

    @Test
    void aRootlessConfig() throws IOException {
      assertEquals(golden("rootless.txt"), plan(DefaultSpec.rootless(1000, 1000, true)));
    }
  }

  @Nested
  class WithoutMountNamespace {
    private static Spec shared() {
      String config =
          "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},"
              + "\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\"},\"mounts\":["
              + mount("/run", "tmpfs", "\"ro\"")
              + "],\"linux\":{\"rootfsPropagation\":\"private\"}}";
      return read(config.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void nothingIsDoneToTheHostsMounts() {
      List<String> lines = plan(shared());
      assertOrder(
          lines,
          "TakeRootfs " + RootfsStep.PATH + " /bundle/rootfs",
          "MountFileSystem /mounts/0",
          "ChangeRoot /root",
          "PropagateRoot /linux/rootfsPropagation private");
      for (String line : lines) {
        assertTrue(!line.startsWith("IsolateMounts") && !line.startsWith("PivotRoot"), line);
      }
    }

    @Test
    void theRootIsNotMovedEither() {
      RootfsPlanner planner = new RootfsPlanner(shared(), "/bundle", PlanOptions.Root.MOVE);
      assertEquals("ChangeRoot /root", PlanLines.of(planner.enterRoot()).get(0));
    }
  }

  @Nested
  class Order {
    @Test
    void masksComeAfterReadonlyPathsAndBothAfterSysctls() {
      assertOrder(
          plan(
              with(
                  "",
                  ",\"sysctl\":{\"kernel.msgmax\":\"1\"},\"readonlyPaths\":[\"/proc/sys\"],"
                      + "\"maskedPaths\":[\"/proc/sys/x\"]")),
          "PivotRoot",
          "MakeDirectory /process/cwd /srv/www",
          "MakeReadonly /root/readonly /",
          "WriteSysctl /linux/sysctl/kernel.msgmax kernel.msgmax=1",
          "ReadonlyPath",
          "MaskPath");
    }

    @Test
    void aReadonlyTmpfsIsFilledFirst() {
      List<String> lines = plan(with(mount("/run", "tmpfs", "\"ro\",\"nodev\""), ""));
      assertTrue(
          lines.contains("MountFileSystem /mounts/0 tmpfs /data -> /run +nodev"), "" + lines);
      assertOrder(lines, "MountFileSystem", "MakeDevice", "PivotRoot", "MakeReadonly /mounts/0");
    }

    @Test
    void aReadonlyDevIsFilledFirstWhateverItsType() {
      assertOrder(
          plan(with(mount("/dev", "devtmpfs", "\"rro\""), "")),
          "MountFileSystem /mounts/0 devtmpfs /data -> /dev",
          "MakeDevice",
          "MakeReadonly /mounts/0 /dev");
    }

    @Test
    void aReadonlyBindIsReadonlyAtOnce() {
      List<String> lines = plan(with(mount("/dev", "bind", "\"rbind\",\"ro\""), ""));
      assertTrue(lines.contains("BindMount /mounts/0 /data -> /dev +ro bind TREE"), "" + lines);
      assertTrue(lines.stream().noneMatch(line -> line.contains("/mounts/0 /dev")), "" + lines);
    }

    @Test
    void aBoundDevIsLeftAsItIs() {
      List<String> lines = plan(with(mount("/dev/", "bind", ""), ""));
      assertTrue(lines.stream().noneMatch(line -> line.startsWith("MakeDevice")), "" + lines);
      assertTrue(lines.stream().noneMatch(line -> line.startsWith("MakeLink")), "" + lines);
    }
  }

  @Nested
  class Propagation {
    @Test
    void withoutAWordTheHostsMountsComeInAndOursDoNotGoOut() {
      assertEquals("IsolateMounts /linux/rootfsPropagation rslave", plan(with("", "")).get(0));
    }

    @Test
    void sharedStaysSharedThroughoutAndIsSetOnTheNewRoot() {
      List<String> lines = plan(with("", ",\"rootfsPropagation\":\"rshared\""));
      assertEquals("IsolateMounts /linux/rootfsPropagation rshared", lines.get(0));
      assertOrder(lines, "PivotRoot", "PropagateRoot /linux/rootfsPropagation rshared");
    }

    @Test
    void unbindableIsOnlySetOnTheNewRootSinceTheRootfsIsBound() {
      List<String> lines = plan(with("", ",\"rootfsPropagation\":\"runbindable\""));
      assertEquals("IsolateMounts /linux/rootfsPropagation rprivate", lines.get(0));
      assertOrder(lines, "PivotRoot", "PropagateRoot /linux/rootfsPropagation runbindable");
    }
  }

  @Nested
  class Devices {
    @Test
    void aDeviceOfTheConfigTakesThePlaceOfTheDefault() {
      List<String> lines =
          plan(
              with(
                  "",
                  ",\"devices\":[{\"path\":\"/dev/./null\",\"type\":\"c\",\"major\":1,"
                      + "\"minor\":3,\"fileMode\":384}]"));
      assertEquals(1, lines.stream().filter(line -> line.contains("null c 1:3")).count());
      assertTrue(lines.contains("MakeDevice /linux/devices/0 /dev/./null c 1:3"), "" + lines);
    }
  }

  @Nested
  class Labels {
    @Test
    void aMountLabelGoesToFileSystemsWithoutLabelsOfTheirOwn() {
      List<String> lines =
          plan(
              with(
                  mount("/run", "tmpfs", "")
                      + ","
                      + mount("/proc", "proc", "")
                      + ","
                      + mount("/queues", "mqueue", ""),
                  ",\"mountLabel\":\"a:b:c:s0:c1,c2\",\"maskedPaths\":[\"/proc/keys\"]"));
      // In quotes: without them the comma would end the option.
      String label = " context=\"a:b:c:s0:c1,c2\"";
      assertTrue(lines.contains("MountFileSystem /mounts/0 tmpfs /data -> /run" + label));
      assertTrue(lines.contains("MountFileSystem /mounts/2 mqueue /data -> /queues" + label));
      assertTrue(lines.contains("MountFileSystem /mounts/1 proc /data -> /proc"), "" + lines);
      assertTrue(
          lines.contains("MaskPath /linux/maskedPaths/0 /proc/keys a:b:c:s0:c1,c2"), "" + lines);
    }
  }

  private static MountIdMap idMap(String options, String more) {
    String mount =
        "{\"destination\":\"/m\",\"source\":\"/data\",\"options\":[" + options + "]" + more + "}";
    RootfsPlanner planner = new RootfsPlanner(with(mount, ""), "/bundle", PlanOptions.Root.PIVOT);
    for (RootfsStep step : planner.beforeHooks()) {
      if (step instanceof RootfsStep.BindMount bind) {
        return Objects.requireNonNull(bind.idMap());
      }
    }
    throw new AssertionError("no bind mount is planned");
  }

  @Test
  void aMountWithMapsIsMappedAloneUnlessRidmapSaysMore() {
    String range = "[{\"containerID\":0,\"hostID\":7,\"size\":5}]";
    String maps = ",\"uidMappings\":" + range + ",\"gidMappings\":" + range;
    List<IdMapping> expected = List.of(new IdMapping(0, 7, 5));
    assertEquals(
        new MountIdMap(MountOptions.Depth.MOUNT, expected, expected, false),
        idMap("\"rbind\"", maps));
    assertEquals(MountOptions.Depth.TREE, idMap("\"rbind\",\"ridmap\"", maps).depth());
  }

  @Nested
  class Refused {
    private Failure refusal(String mount) {
      return assertThrows(Failure.class, () -> plan(with(mount, "")));
    }

    @Test
    void notTheModeAndSizeThatAreSaidOfEveryMountByHabit() {
      List<String> lines = plan(with(mount("/a", "bind", "\"bind\",\"mode=755\",\"size=1k\""), ""));
      assertTrue(lines.stream().anyMatch(line -> line.startsWith("BindMount /mounts/0")));
    }

    @Test
    void aFileSystemOptionOnABind() {
      Failure failure = refusal(mount("/a", "bind", "\"rbind\",\"nosiud\""));
      assertEquals(
          "error mounting \"/data\" to rootfs at \"/a\": bind mounts cannot have any"
              + " filesystem-specific options applied",
          failure.getMessage());
      assertEquals("/mounts/0/options", failure.pointer());
      assertEquals("take out \"nosiud\", or see whether it is misspelt", failure.hint());
    }

    @Test
    void superBlockOptionsOnABindAreNot() {
      assertTrue(
          plan(with(mount("/a", "bind", "\"bind\",\"sync\""), ""))
              .contains("BindMount /mounts/0 /data -> /a bind MOUNT [sync]"));
    }

    @Test
    void copyingUpTheWholeRoot() {
      Failure failure = refusal(mount("/x/..", "tmpfs", "\"tmpcopyup\""));
      assertEquals(
          "error mounting \"/data\" to rootfs at \"/\": tmpcopyup is only supported for a tmpfs"
              + " that is not the root",
          failure.getMessage());
    }
  }
}

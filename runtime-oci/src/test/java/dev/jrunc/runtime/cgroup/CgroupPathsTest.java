package dev.jrunc.runtime.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.runtime.error.Failure;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CgroupPathsTest {
  private static final CgroupHost V1 =
      new CgroupHost(
          CgroupLayout.V1,
          List.of(
              new Hierarchy(List.of("cpu", "cpuacct"), "/c/cpu,cpuacct", "/"),
              new Hierarchy(List.of("memory"), "/c/memory", "/own"),
              new Hierarchy(List.of(""), "/c/unified", "/session")));
  private static final CgroupHost V2 =
      new CgroupHost(
          CgroupLayout.V2,
          List.of(new Hierarchy(List.of(""), "/sys/fs/cgroup", "/a.slice/b.scope")));

  @Test
  void anAbsolutePathCountsFromTheRootOfEachHierarchy() {
    CgroupPaths paths = CgroupPaths.of(V1, "/perf//./c/", "id");
    assertEquals(
        Map.of(
            "cpu", "/c/cpu,cpuacct/perf/c",
            "cpuacct", "/c/cpu,cpuacct/perf/c",
            "memory", "/c/memory/perf/c",
            "", "/c/unified/perf/c"),
        paths.byController());
    assertEquals(3, paths.directories().size());
    assertEquals(CgroupLayout.V1, paths.layout());
  }

  @Test
  void withoutAPathTheIdIsPutUnderTheOwnGroupOfEachController() {
    CgroupPaths paths = CgroupPaths.of(V1, null, "web");
    assertEquals("/c/cpu,cpuacct/web", paths.directory("cpu"));
    assertEquals("/c/memory/own/web", paths.directory("memory"));
    assertEquals("/c/unified/session/web", paths.byController().get(""));
    assertNull(paths.directory("hugetlb"));
  }

  @Test
  void onV2ARelativePathIsASiblingOfTheOwnGroup() {
    CgroupPaths paths = CgroupPaths.of(V2, "", "web");
    assertEquals(Map.of("", "/sys/fs/cgroup/a.slice/web"), paths.byController());
    assertEquals(CgroupLayout.V2, paths.layout());
    assertEquals("/sys/fs/cgroup/a.slice/web", paths.directory("memory"));
  }

  @Test
  void twoDotsAreRefused() {
    Failure failure = assertThrows(Failure.class, () -> CgroupPaths.of(V1, "/a/../../etc", "id"));
    assertEquals("cgroupsPath \"/a/../../etc\" must not contain \"..\"", failure.getMessage());
    assertEquals("/linux/cgroupsPath", failure.pointer());
  }

  @Test
  void theRootOfTheHierarchyIsRefused() {
    Failure failure = assertThrows(Failure.class, () -> CgroupPaths.of(V1, "//.", "id"));
    assertEquals("cgroupsPath \"//.\" is the root of the hierarchy", failure.getMessage());
  }
}

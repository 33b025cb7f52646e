package dev.jrunc.runtime.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.runtime.error.Failure;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostTextsTest {
  private static final String HYBRID_MOUNTS =
      """
      23 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
      31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
      32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:4 master:2 - cgroup cgroup rw,cpu,cpuacct
      35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
      40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
      41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate
      """;
  private static final String HYBRID_OWN =
      """
      9:name=systemd:/user.slice
      4:memory:/user/a b
      1:cpu,cpuacct:/
      0::/session
      """;

  private static CgroupHost parse(String mounts, String own) {
    return HostTexts.parse(bytes(mounts), bytes(own));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void findsEveryHierarchyOfAHybridHost() {
    CgroupHost host = parse(HYBRID_MOUNTS, HYBRID_OWN);
    assertEquals(CgroupLayout.V1, host.layout());
    assertEquals(
        List.of(
            new Hierarchy(List.of("cpu", "cpuacct"), "/sys/fs/cgroup/cpu,cpuacct", "/"),
            new Hierarchy(List.of("memory"), "/sys/fs/cgroup/memory", "/user/a b"),
            new Hierarchy(List.of("name=systemd"), "/sys/fs/cgroup/systemd", "/user.slice"),
            new Hierarchy(List.of(""), "/sys/fs/cgroup/unified", "/session")),
        host.hierarchies());
    assertNull(host.hierarchy("hugetlb"));
  }

  @Test
  void aMountOfAPartOfTheHierarchyCountsFromThere() {
    CgroupHost host =
        parse(
            "35 31 0:32 /docker/x /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
            "4:memory:/docker/x/in\n");
    assertEquals("/in", host.hierarchies().getFirst().ownPath());
  }

  @Test
  void aGroupWhoseNameOnlyBeginsLikeTheMountedOneIsNotBelowIt() {
    CgroupHost host =
        parse(
            "35 31 0:32 /docker/x /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
            "4:memory:/docker/xyz\n");
    assertEquals("/docker/xyz", host.hierarchies().getFirst().ownPath());
  }

  @Test
  void theSameHierarchyInARootfsIsNotTakenInPlaceOfTheHosts() {
    CgroupHost host =
        parse(
            HYBRID_MOUNTS
                + "90 80 0:32 / /var/x/rootfs/sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
            HYBRID_OWN);
    assertEquals("/sys/fs/cgroup/memory", host.hierarchies().get(1).mountPoint());
  }

  @Test
  void hierarchiesUnderALaterMountAreHidden() {
    CgroupHost host =
        parse(
            HYBRID_MOUNTS
                + "90 31 0:70 / /sys/fs/cgroup rw - tmpfs none rw\n"
                + "91 90 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
            HYBRID_OWN);
    assertEquals(1, host.hierarchies().size());
    assertEquals(List.of("memory"), host.hierarchies().getFirst().controllers());
  }

  @Test
  void octalEscapesInMountPointsAreRead() {
    CgroupHost host =
        parse("5 1 0:32 / /cg\\040roups/m rw - cgroup cgroup rw,memory\n", "4:memory:/\n");
    assertEquals("/cg roups/m", host.hierarchies().getFirst().mountPoint());
  }

  @Test
  void aHostWithoutHierarchiesIsRefused() {
    Failure failure = assertThrows(Failure.class, () -> parse("23 1 8:1 / / rw - ext4 x rw\n", ""));
    assertEquals("no cgroup hierarchy is mounted", failure.getMessage());
    assertEquals("mount one: mount -t cgroup2 none /sys/fs/cgroup", failure.hint());
  }

  @Test
  void truncatedLinesAreNoMounts() {
    assertThrows(
        Failure.class, () -> parse("35 31 0:32 / /sys/fs/cgroup/memory rw - \n-", ":::\n:"));
  }
}

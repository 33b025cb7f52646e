package dev.jrunc.runtime.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.runtime.cgroup.CgroupHost;
import dev.jrunc.runtime.cgroup.CgroupLayout;
import dev.jrunc.runtime.cgroup.Hierarchy;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On a host that has everything, with one thing taken away. */
class DoctorTest {
  private static final String STATE = "/run/jrunc";

  private final FakeHost roots = new FakeHost(0);
  private final FakeHost users = new FakeHost(1000);

  private static Diagnosis of(FakeHost host) {
    return new Doctor(host, STATE).diagnose();
  }

  private static Check check(FakeHost host, String name) {
    return of(host).checks().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Asserts that it is all that stands in the way, and that a mend is said. */
  private static Check only(FakeHost host, Check.Status status, String name) {
    List<Check> wrong =
        of(host).checks().stream().filter(each -> each.status() != Check.Status.OK).toList();
    assertEquals(List.of(name), wrong.stream().map(Check::name).toList());
    assertEquals(status, wrong.getFirst().status());
    assertFalse(wrong.getFirst().mend().isEmpty(), "no mend");
    assertEquals(status != Check.Status.MISSING, of(host).runnable());
    return wrong.getFirst();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1000})
  void nothingIsToBeDoneWhereEverythingIsThere(long uid) {
    Diagnosis diagnosis = of(new FakeHost(uid));
    assertTrue(diagnosis.runnable());
    Set<String> names = new HashSet<>();
    for (Check check : diagnosis.checks()) {
      assertEquals(Check.Status.OK, check.status(), check::toString);
      assertEquals("", check.mend(), check::name);
      assertTrue(names.add(check.name()), () -> check.name() + " is there twice");
    }
    assertTrue(names.size() >= 15, names::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "5.12.0, true",
    "5.4.0-42-generic, false",
    "4.19, false",
    "6.1-rc1, true",
    "5.100.1, true"
  })
  void theKernelsAgeIsJudged(String release, boolean good) {
    roots.texts.put("/proc/sys/kernel/osrelease", release);
    assertEquals(good, of(roots).runnable());
    assertTrue(check(roots, "kernel").what().contains(release));
  }

  @ParameterizedTest
  @CsvSource({
    "/proc/self/ns/cgroup, MISSING, namespaces",
    "/proc/self/ns/time, LIMITED, namespaces",
    "/proc/sys/kernel/seccomp/actions_avail, LIMITED, seccomp",
    "/sys/module/apparmor/parameters/enabled, LIMITED, apparmor",
    "/sys/fs/selinux/enforce, LIMITED, selinux",
    "/run/systemd/system, LIMITED, systemd",
    "/sys/fs/cgroup/container, MISSING, cgroup limits",
    "/run/jrunc/container, MISSING, state",
    "/run/jrunc/.cache, LIMITED, seccomp cache",
    "/dev/net/tun, LIMITED, tap device",
    "nft, LIMITED, network bridge",
    "pasta, LIMITED, network pasta",
    "slirp4netns, LIMITED, network slirp4netns"
  })
  void rootLacksOneThing(String lacking, Check.Status status, String name) {
    roots.cgroups =
        new CgroupHost(
            CgroupLayout.V2, List.of(new Hierarchy(List.of(""), "/sys/fs/cgroup", "/own")));
    roots.without.add(lacking);
    only(roots, status, name);
  }

  @Test
  void aTapDeviceThatAUserMayNotOpenIsTold() {
    users.closed.add("/dev/net/tun");
    only(users, Check.Status.LIMITED, "tap device");
    assertEquals("as root: chmod 666 /dev/net/tun", check(users, "tap device").mend());
  }

  @ParameterizedTest
  @CsvSource({
    "newuidmap, LIMITED, uid ranges",
    "/etc/subuid, LIMITED, uid ranges",
    "newgidmap, LIMITED, gid ranges",
    "/sys/fs/cgroup/user.slice/container, LIMITED, cgroup limits",
    "/run/jrunc/container, MISSING, state"
  })
  void aUserLacksOneThing(String lacking, Check.Status status, String name) {
    users.without.add(lacking);
    only(users, status, name);
  }

  @Test
  void userNamespacesThatAreSwitchedOffKeepUsersOut() {
    for (FakeHost host : List.of(roots, users)) {
      host.texts.put("/proc/sys/user/max_user_namespaces", "0");
    }
    Check ofRoot = only(roots, Check.Status.LIMITED, "user namespaces");
    Check ofUser = only(users, Check.Status.MISSING, "user namespaces");
    assertEquals(ofRoot.mend(), ofUser.mend());
    assertTrue(ofUser.mend().contains("sysctl -w user.max_user_namespaces="), ofUser::mend);
  }

  @Test
  void debiansSwitchForUserNamespacesIsNamed() {
    users.texts.put("/proc/sys/kernel/unprivileged_userns_clone", "0");
    roots.texts.put("/proc/sys/kernel/unprivileged_userns_clone", "0");
    Check check = only(users, Check.Status.MISSING, "user namespaces");
    assertTrue(check.mend().contains("kernel.unprivileged_userns_clone=1"), check::mend);
    assertTrue(of(roots).runnable());
  }

  @Test
  void ubuntusSwitchForUserNamespacesIsNamedUnlessAProfileIsOnUs() {
    users.texts.put("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1");
    Check check = only(users, Check.Status.MISSING, "user namespaces");
    assertTrue(check.mend().contains("apparmor_restrict_unprivileged_userns=0"), check::mend);
    users.texts.put("/proc/self/attr/current", "jrunc (enforce)");
    assertTrue(of(users).runnable());
  }

  @Test
  void rangesAreThoseOfTheUsersNameOrNumber() {
    assertEquals(
        "newuidmap may map 65536 ids from 165536 on of /etc/subuid",
        check(users, "uid ranges").what());
    assertTrue(check(users, "gid ranges").what().contains("1000 ids from 165536 on"));
    users.texts.put("/etc/subuid", "annabel:1:2\n10000:3:4\ndamaged");
    Check check = only(users, Check.Status.LIMITED, "uid ranges");
    assertTrue(check.mend().contains("usermod --add-subuids"), check::mend);
    assertTrue(check.mend().contains(" ann,"), check::mend);
  }

  @Test
  void capabilitiesAreNamedThatRootLacks() {
    roots.texts.put("/proc/self/status", "CapEff:\t000001fffeffffff\n");
    Check check = only(roots, Check.Status.LIMITED, "capabilities");
    assertTrue(check.what().contains("lacks CAP_SYS_RESOURCE:"), check::what);
    roots.texts.put("/proc/self/status", "CapEff:\t00000000a80425fb\n");
    check = only(roots, Check.Status.MISSING, "capabilities");
    assertTrue(check.what().endsWith("needs CAP_SYS_ADMIN, CAP_NET_ADMIN to be made"), check::what);
    roots.texts.put("/proc/sys/kernel/cap_last_cap", "37");
    roots.texts.put("/proc/self/status", "CapEff:\t0000003fffffffff\n");
    assertEquals(Check.Status.OK, check(roots, "capabilities").status());
  }

  @Test
  void rootOfAUserNamespaceIsTold() {
    roots.texts.put("/proc/self/uid_map", "0       1000          1");
    assertTrue(only(roots, Check.Status.LIMITED, "root").mend().contains("spec --rootless"));
  }

  @Test
  void controllersThatAreNotThereAreNamed() {
    roots.texts.put("/sys/fs/cgroup/cgroup.controllers", "cpuset cpu memory pids");
    assertTrue(only(roots, Check.Status.LIMITED, "cgroups").what().endsWith("without io"));
    // What a session gets of systemd by default.
    users.texts.put("/sys/fs/cgroup/user.slice/cgroup.controllers", "memory pids");
    assertTrue(
        only(users, Check.Status.LIMITED, "cgroups").what().endsWith("without cpu, cpuset, io"));
  }

  @Test
  void ofAHybridHostEachHierarchyIsAsked() {
    CgroupHost hybrid =
        new CgroupHost(
            CgroupLayout.V1,
            List.of(
                new Hierarchy(List.of("cpu", "cpuacct"), "/cg/cpu", "/"),
                new Hierarchy(List.of("cpuset", "blkio", "memory", "pids"), "/cg/rest", "/"),
                new Hierarchy(List.of("name=systemd"), "/cg/systemd", "/"),
                new Hierarchy(List.of(""), "/cg/unified", "/")));
    roots.cgroups = hybrid;
    assertEquals("hybrid with cpu cpuacct cpuset io memory pids", check(roots, "cgroups").what());
    users.cgroups = hybrid;
    users.without.add("/cg/rest");
    Check check = only(users, Check.Status.LIMITED, "cgroup limits");
    assertTrue(check.what().endsWith(": cpuset, blkio, memory, pids"), check::what);
    users.without.add("/cg/");
    assertTrue(check(users, "cgroup limits").what().contains("without limits"));
  }

  @Test
  void withoutCgroupsOnlyRootIsStopped() {
    roots.cgroups = null;
    users.cgroups = null;
    only(roots, Check.Status.MISSING, "cgroups");
    only(users, Check.Status.LIMITED, "cgroups");
  }

  @Test
  void aUserWithoutASessionHasNoSystemd() {
    users.variables.clear();
    only(users, Check.Status.LIMITED, "systemd");
    users.variables.put("DBUS_SESSION_BUS_ADDRESS", "unix:path=/bus");
    assertTrue(of(users).checks().stream().allMatch(c -> c.status() == Check.Status.OK));
  }

  @Test
  void pluginsAreLookedForWhereTheyAreSaidToBe() {
    roots.variables.put("CNI_PATH", "/first:/second");
    roots.without.add("/first/bridge");
    assertEquals("plugins in /second", check(roots, "network cni").what());
    roots.without.add("/second/bridge");
    assertTrue(only(roots, Check.Status.LIMITED, "network cni").what().contains("/first:/second"));
  }

  @Test
  void resctrlThatCouldBeMountedIsSaidToBe() {
    roots.resctrl = false;
    assertTrue(only(roots, Check.Status.LIMITED, "resctrl").mend().contains("mount -t resctrl"));
    roots.without.add("/sys/fs/resctrl");
    assertFalse(only(roots, Check.Status.LIMITED, "resctrl").mend().contains("mount"));
  }

  @Test
  void bothDocumentsSayTheSame() throws IOException {
    roots.without.add("nft");
    roots.texts.put("/proc/sys/kernel/osrelease", "4.19\u001b[2J");
    Diagnosis diagnosis = of(roots);
    String text = DiagnosisText.of(diagnosis);
    JsonNode json = new ObjectMapper().readTree(DiagnosisJson.of(diagnosis));
    assertFalse(json.path("runnable").asBoolean(true));
    assertEquals(diagnosis.checks().size(), json.path("checks").size());
    assertTrue(text.contains("\nlimited  network bridge: no nft program"), text);
    assertTrue(text.contains("\n  mend: install nftables\n"), text);
    assertTrue(text.endsWith("\nroot cannot run containers here; 1 missing; 1 limited\n"), text);
    assertEquals(-1, text.indexOf('\u001b'));
  }
}

package dev.jrunc.runtime.systemd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jrunc.runtime.cgroup.CgroupLayout;
import dev.jrunc.runtime.cgroup.CgroupLimits;
import dev.jrunc.runtime.cgroup.DeviceRules;
import dev.jrunc.runtime.dbus.Value;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.Resources;
import dev.jrunc.spec.SpecReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ResourcePropertiesTest {

  private static Resources read(String json) {
    byte[] bytes = json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    return Objects.requireNonNull(SpecReader.readResources(bytes).spec());
  }

  /** Each as {@code Name=value}. */
  private static List<String> of(CgroupLayout layout, int version, String json) {
    CgroupLimits limits = CgroupLimits.ofUpdate(layout, SystemdDriver.rounded(read(json)));
    List<String> lines = new ArrayList<>();
    for (Property property : ResourceProperties.of(layout, limits, version)) {
      lines.add(property.name() + "=" + text(property.value()));
    }
    return lines;
  }

  private static String text(Value value) {
    return switch (value) {
      case Value.Number number -> Long.toUnsignedString(number.bits());
      case Value.Array array -> array.values().stream().map(v -> text(v)).toList().toString();
      default -> value.toString();
    };
  }

  private static List<String> v2(String json) {
    return of(CgroupLayout.V2, 252, json);
  }

  @Test
  void saysMemory() {
    assertEquals(
        List.of("MemorySwapMax=33554432", "MemoryMax=33554432", "MemoryLow=16777216"),
        v2("{'memory':{'limit':33554432,'swap':67108864,'reservation':16777216}}"));
    assertEquals(
        List.of("MemorySwapMax=18446744073709551615", "MemoryMax=18446744073709551615"),
        v2("{'memory':{'limit':-1}}"));
  }

  @Test
  void saysProcesses() {
    assertEquals(List.of("TasksMax=20"), v2("{'pids':{'limit':20}}"));
    assertEquals(List.of("TasksMax=18446744073709551615"), v2("{'pids':{'limit':-1}}"));
    assertEquals(List.of("TasksMax=1"), v2("{'pids':{'limit':0}}"));
  }

  @Test
  void saysProcessorTime() {
    assertEquals(
        List.of("CPUWeight=100", "CPUQuotaPeriodUSec=100000", "CPUQuotaPerSecUSec=500000"),
        v2("{'cpu':{'shares':1024,'quota':50000}}"));
    assertEquals(
        List.of("CPUQuotaPeriodUSec=50000", "CPUQuotaPerSecUSec=18446744073709551615"),
        v2("{'cpu':{'quota':-1,'period':50000}}"));
  }

  @Test
  void roundsAQuotaAsSystemdDoes() {
    // 5.1 hundredths become 6, in the files too.
    assertEquals(6000, ResourceProperties.rounded(5100, 100_000));
    assertEquals(6000, ResourceProperties.rounded(5100, 0));
    assertEquals(5000, ResourceProperties.rounded(5000, 100_000));
    assertEquals(-1, ResourceProperties.rounded(-1, 100_000));
    assertEquals(
        List.of("CPUQuotaPeriodUSec=100000", "CPUQuotaPerSecUSec=60000"),
        v2("{'cpu':{'quota':5100,'period':100000}}"));
  }

  @Test
  void saysSetsAsBits() {
    assertEquals(
        List.of("AllowedCPUs=[7, 4]", "AllowedMemoryNodes=[1]"),
        v2("{'cpu':{'cpus':'0-2, 10','mems':'0'}}"));
    assertThrows(Failure.class, () -> v2("{'cpu':{'cpus':'3-1'}}"));
    assertThrows(Failure.class, () -> v2("{'cpu':{'cpus':'all'}}"));
    assertThrows(Failure.class, () -> v2("{'cpu':{'cpus':'0-99999999'}}"));
  }

  @Test
  void letsARawKeyOverrideAField() {
    assertEquals(
        List.of("MemoryMax=20971520", "MemoryHigh=18446744073709551615"),
        v2(
            "{'memory':{'limit':1048576},'unified':{'memory.max':'20971520','memory.high':'max',"
                + "'hugetlb.2MB.max':'0'}}"));
    assertEquals(
        List.of("CPUQuotaPeriodUSec=100000", "CPUQuotaPerSecUSec=200000"),
        v2("{'unified':{'cpu.max':'20000'}}"));
  }

  @Test
  void saysIdleOnlyToThoseWhoKnow() {
    String idle = "{'cpu':{'shares':1024,'idle':1}}";
    assertEquals(List.of("CPUWeight=0"), of(CgroupLayout.V2, 252, idle));
    assertEquals(List.of("CPUWeight=100"), of(CgroupLayout.V2, 251, idle));
  }

  @Test
  void saysWeightOfBlockIo() {
    assertEquals(List.of("IOWeight=1"), v2("{'blockIO':{'weight':10}}"));
    assertEquals(
        List.of("BlockIOWeight=10"), of(CgroupLayout.V1, 252, "{'blockIO':{'weight':10}}"));
  }

  @Test
  void saysItInTheWordsOfVersion1() {
    assertEquals(
        List.of(
            "AllowedCPUs=[1]",
            "MemoryLimit=33554432",
            "CPUShares=512",
            "TasksMax=20",
            "CPUQuotaPeriodUSec=50000",
            "CPUQuotaPerSecUSec=400000"),
        of(
            CgroupLayout.V1,
            252,
            "{'memory':{'limit':33554432},'pids':{'limit':20},'cpu':{'shares':512,'quota':20000,"
                + "'period':50000,'cpus':'0'}}"));
  }

  private static List<String> devices(CgroupLayout layout, String json) {
    DeviceRules rules = DeviceRules.of(read(json).devices());
    List<String> lines = new ArrayList<>();
    for (Property property : DeviceProperties.of(layout, rules)) {
      switch (property.value()) {
        case Value.Text text -> lines.add(text.value());
        case Value.Array array -> {
          for (Value entry : array.values()) {
            List<Value> fields = ((Value.Struct) entry).fields();
            lines.add(
                ((Value.Text) fields.get(0)).value() + " " + ((Value.Text) fields.get(1)).value());
          }
        }
        default -> throw new IllegalStateException(property.toString());
      }
    }
    return lines;
  }

  @Test
  void listsAllowedDevices() {
    assertEquals(
        List.of("strict", "/dev/char/1:3 rwm", "char-136 rw", "block-* m"),
        devices(
            CgroupLayout.V2,
            "{'devices':[{'allow':false,'access':'rwm'},"
                + "{'allow':true,'type':'c','major':1,'minor':3,'access':'rwm'},"
                + "{'allow':true,'type':'c','major':136,'access':'rw'},"
                + "{'allow':true,'type':'b','access':'m'}]}"));
  }

  @Test
  void leavesToOurRulesWhatSystemdCannotSay() {
    String some =
        "{'devices':[{'allow':true,'access':'rwm'},"
            + "{'allow':false,'type':'c','major':1,'minor':3,'access':'rwm'}]}";
    assertEquals(List.of("auto"), devices(CgroupLayout.V2, some));
    assertEquals(List.of("strict"), devices(CgroupLayout.V1, some));
    String minor = "{'devices':[{'allow':true,'type':'c','minor':3,'access':'r'}]}";
    assertEquals(List.of("auto"), devices(CgroupLayout.V2, minor));
    assertEquals(List.of("strict"), devices(CgroupLayout.V1, minor));
    String all = "{'devices':[{'allow':true,'access':'rwm'}]}";
    assertEquals(List.of("auto"), devices(CgroupLayout.V1, all));
  }

  @Test
  void takesBlanksAsTheKernelDoesAndNoNumberThatIsTooLarge() {
    assertEquals(
        List.of("CPUQuotaPeriodUSec=100000", "CPUQuotaPerSecUSec=500000"),
        v2("{'unified':{'cpu.max':' 50000   100000 '}}"));
    assertEquals(
        List.of("MemoryMax=18446744073709551615"),
        v2("{'unified':{'memory.max':'18446744073709551615'}}"));
    assertThrows(Failure.class, () -> v2("{'unified':{'memory.max':'18446744073709551616'}}"));
    assertThrows(Failure.class, () -> v2("{'unified':{'memory.max':'99999999999999999999'}}"));
  }
}

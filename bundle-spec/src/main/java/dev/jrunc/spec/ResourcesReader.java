package dev.jrunc.spec;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads cgroup resources. */
final class ResourcesReader {
  private static final long MIN = Long.MIN_VALUE;
  private static final long MAX = Long.MAX_VALUE;

  private ResourcesReader() {}

  static @Nullable Resources resources(Cursor c) throws IOException {
    List<DeviceCgroupRule> devices = List.of();
    MemoryResources memory = null;
    CpuResources cpu = null;
    PidsResources pids = null;
    BlockIoResources blockIo = null;
    List<HugepageLimit> hugepages = List.of();
    NetworkResources network = null;
    Map<String, RdmaLimit> rdma = Map.of();
    Map<String, String> unified = Map.of();
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "devices" -> devices = c.list(ResourcesReader::deviceRule);
        case "memory" -> memory = memory(c);
        case "cpu" -> cpu = cpu(c);
        case "pids" -> pids = pids(c);
        case "blockIO" -> blockIo = BlockIoReader.blockIo(c);
        case "hugepageLimits" -> hugepages = c.list(ResourcesReader::hugepages);
        case "network" -> network = network(c);
        case "rdma" -> rdma = c.map(ResourcesReader::rdma);
        case "unified" -> unified = c.map(Cursor::text);
        default -> c.unknown("devices memory cpu pids blockIO hugepageLimits network rdma unified");
      }
    }
    return present
        ? new Resources(devices, memory, cpu, pids, blockIo, hugepages, network, rdma, unified)
        : null;
  }

  private static DeviceCgroupRule deviceRule(Cursor c) throws IOException {
    boolean allow = false;
    String type = null;
    Long major = null;
    Long minor = null;
    String access = null;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "allow" -> allow = c.flag();
        case "type" -> {
          type = c.optionalText();
          if (type != null && !NearName.isAmong("a b c", type)) {
            c.unknownValue("device type", type, "a b c");
          }
        }
        case "major" -> major = c.number(-1, MAX);
        case "minor" -> minor = c.number(-1, MAX);
        case "access" -> {
          access = c.optionalText();
          for (int i = 0; access != null && i < access.length(); i++) {
            if ("rwma".indexOf(access.charAt(i)) < 0) {
              c.violation("access \"" + access + "\" may hold only r, w and m", "");
              break;
            }
          }
        }
        default -> c.unknown("allow type major minor access");
      }
    }
    c.require("allow");
    return new DeviceCgroupRule(allow, type, major, minor, access);
  }

  private static @Nullable MemoryResources memory(Cursor c) throws IOException {
    Long limit = null;
    Long reservation = null;
    Long swap = null;
    Long kernel = null;
    Long kernelTcp = null;
    Long swappiness = null;
    Boolean disableOomKiller = null;
    Boolean useHierarchy = null;
    Boolean checkBeforeUpdate = null;
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "limit" -> limit = c.number(MIN, MAX);
        case "reservation" -> reservation = c.number(MIN, MAX);
        case "swap" -> swap = c.number(MIN, MAX);
        case "kernel" -> kernel = c.number(MIN, MAX);
        case "kernelTCP" -> kernelTcp = c.number(MIN, MAX);
        case "swappiness" -> swappiness = c.unsigned();
        case "disableOOMKiller" -> disableOomKiller = c.flagOrNull();
        case "useHierarchy" -> useHierarchy = c.flagOrNull();
        case "checkBeforeUpdate" -> checkBeforeUpdate = c.flagOrNull();
        default ->
            c.unknown(
                "limit reservation swap kernel kernelTCP swappiness disableOOMKiller useHierarchy"
                    + " checkBeforeUpdate");
      }
    }
    return present
        ? new MemoryResources(
            limit,
            reservation,
            swap,
            kernel,
            kernelTcp,
            swappiness,
            disableOomKiller,
            useHierarchy,
            checkBeforeUpdate)
        : null;
  }

  private static @Nullable CpuResources cpu(Cursor c) throws IOException {
    Long shares = null;
    Long quota = null;
    Long burst = null;
    Long period = null;
    Long realtimeRuntime = null;
    Long realtimePeriod = null;
    String cpus = null;
    String mems = null;
    Long idle = null;
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "shares" -> shares = c.unsigned();
        case "quota" -> quota = c.number(MIN, MAX);
        case "burst" -> burst = c.unsigned();
        case "period" -> period = c.unsigned();
        case "realtimeRuntime" -> realtimeRuntime = c.number(MIN, MAX);
        case "realtimePeriod" -> realtimePeriod = c.unsigned();
        case "cpus" -> cpus = c.optionalText();
        case "mems" -> mems = c.optionalText();
        case "idle" -> idle = c.number(MIN, MAX);
        default ->
            c.unknown("shares quota burst period realtimeRuntime realtimePeriod cpus mems idle");
      }
    }
    return present
        ? new CpuResources(
            shares, quota, burst, period, realtimeRuntime, realtimePeriod, cpus, mems, idle)
        : null;
  }

  private static @Nullable PidsResources pids(Cursor c) throws IOException {
    Long limit = null;
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "limit" -> limit = c.number(MIN, MAX);
        default -> c.unknown("limit");
      }
    }
    return present ? new PidsResources(limit) : null;
  }

  private static HugepageLimit hugepages(Cursor c) throws IOException {
    String pageSize = "";
    Long limit = 0L;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "pageSize" -> {
          String text = c.text();
          pageSize = text == null ? "" : text;
          if (text != null && !isPageSize(text)) {
            c.violation(
                "page size \"" + pageSize + "\" is not of the form 2MB",
                "a number and KB, MB or GB");
          }
        }
        case "limit" -> limit = c.unsigned();
        default -> c.unknown("pageSize limit");
      }
    }
    c.require("pageSize");
    c.require("limit");
    return new HugepageLimit(pageSize, MountReader.orZero(limit));
  }

  private static boolean isPageSize(String text) {
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    String unit = text.substring(digits);
    return digits > 0
        && text.charAt(0) != '0'
        && (unit.equals("KB") || unit.equals("MB") || unit.equals("GB"));
  }

  private static @Nullable NetworkResources network(Cursor c) throws IOException {
    Long classId = null;
    List<InterfacePriority> priorities = List.of();
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "classID" -> classId = c.number(0, 0xffffffffL);
        case "priorities" -> priorities = c.list(ResourcesReader::priority);
        default -> c.unknown("classID priorities");
      }
    }
    return present ? new NetworkResources(classId, priorities) : null;
  }

  private static InterfacePriority priority(Cursor c) throws IOException {
    String name = "";
    Long priority = 0L;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "name" -> name = c.textOrEmpty();
        case "priority" -> priority = c.number(0, 0xffffffffL);
        default -> c.unknown("name priority");
      }
    }
    c.require("name");
    c.require("priority");
    return new InterfacePriority(name, MountReader.orZero(priority));
  }

  private static RdmaLimit rdma(Cursor c) throws IOException {
    Long handles = null;
    Long objects = null;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "hcaHandles" -> handles = c.number(0, 0xffffffffL);
        case "hcaObjects" -> objects = c.number(0, 0xffffffffL);
        default -> c.unknown("hcaHandles hcaObjects");
      }
    }
    return new RdmaLimit(handles, objects);
  }
}

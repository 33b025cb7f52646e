package dev.jrunc.spec;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the linux section. */
final class LinuxReader {
  private static final long HIGHEST_ID = 0xffffffffL;
  private static final String KNOWN =
      "uidMappings gidMappings sysctl resources cgroupsPath namespaces devices netDevices seccomp"
          + " rootfsPropagation maskedPaths readonlyPaths mountLabel intelRdt personality"
          + " timeOffsets memoryPolicy";

  private static final String NAMESPACES = "pid network mount ipc uts user cgroup time";
  private static final String PROPAGATIONS =
      "private shared slave unbindable rprivate rshared rslave runbindable";

  private LinuxReader() {}

  static @Nullable Linux linux(Cursor c) throws IOException {
    Linux none = Linux.EMPTY;
    List<IdMapping> uids = none.uidMappings();
    List<IdMapping> gids = none.gidMappings();
    Map<String, String> sysctl = none.sysctl();
    Resources resources = null;
    String cgroupsPath = null;
    List<Namespace> namespaces = none.namespaces();
    List<Device> devices = none.devices();
    Map<String, NetDevice> netDevices = none.netDevices();
    Seccomp seccomp = null;
    String propagation = null;
    List<String> masked = none.maskedPaths();
    List<String> readonly = none.readonlyPaths();
    String mountLabel = null;
    IntelRdt intelRdt = null;
    Personality personality = null;
    Map<String, TimeOffset> timeOffsets = none.timeOffsets();
    MemoryPolicy memoryPolicy = null;
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "uidMappings" -> uids = c.list(MountReader::idMapping);
        case "gidMappings" -> gids = c.list(MountReader::idMapping);
        case "sysctl" -> sysctl = c.map(Cursor::text);
        case "resources" -> resources = ResourcesReader.resources(c);
        case "cgroupsPath" -> cgroupsPath = c.optionalText();
        case "namespaces" -> namespaces = c.list(LinuxReader::namespace);
        case "devices" -> devices = c.list(LinuxReader::device);
        case "netDevices" -> netDevices = c.map(LinuxReader::netDevice);
        case "seccomp" -> seccomp = SeccompReader.seccomp(c);
        case "rootfsPropagation" -> propagation = c.word("root propagation", PROPAGATIONS);
        case "maskedPaths" -> masked = c.texts();
        case "readonlyPaths" -> readonly = c.texts();
        case "mountLabel" -> mountLabel = c.optionalText();
        case "intelRdt" -> intelRdt = intelRdt(c);
        case "personality" -> personality = personality(c);
        case "timeOffsets" -> timeOffsets = c.map(LinuxReader::timeOffset);
        case "memoryPolicy" -> memoryPolicy = memoryPolicy(c);
        default -> c.unknown(KNOWN);
      }
    }
    return present
        ? new Linux(
            uids,
            gids,
            sysctl,
            resources,
            cgroupsPath,
            namespaces,
            devices,
            netDevices,
            seccomp,
            propagation,
            masked,
            readonly,
            mountLabel,
            intelRdt,
            personality,
            timeOffsets,
            memoryPolicy)
        : null;
  }

  private static @Nullable Namespace namespace(Cursor c) throws IOException {
    NamespaceType type = null;
    String path = null;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "type" -> type = NamespaceType.of(c.word("namespace type", NAMESPACES));
        case "path" -> path = c.optionalText();
        default -> c.unknown("type path");
      }
    }
    c.require("type");
    return type == null ? null : new Namespace(type, path);
  }

  private static Device device(Cursor c) throws IOException {
    String path = "";
    String type = "";
    Long major = 0L;
    Long minor = 0L;
    Integer mode = null;
    Long uid = null;
    Long gid = null;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "path" -> path = c.textOrEmpty();
        case "type" -> type = c.word("device type", "c b u p");
        case "major" -> major = c.number(0, 0xffffffffL);
        case "minor" -> minor = c.number(0, 0xffffffffL);
        case "fileMode" -> mode = c.integer(0, 0177777);
        case "uid" -> uid = c.number(0, HIGHEST_ID);
        case "gid" -> gid = c.number(0, HIGHEST_ID);
        default -> c.unknown("path type major minor fileMode uid gid");
      }
    }
    c.require("path");
    c.require("type");
    return new Device(
        path, type, MountReader.orZero(major), MountReader.orZero(minor), mode, uid, gid);
  }

  private static NetDevice netDevice(Cursor c) throws IOException {
    String name = null;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "name" -> name = c.optionalText();
        default -> c.unknown("name");
      }
    }
    return new NetDevice(name);
  }

  private static TimeOffset timeOffset(Cursor c) throws IOException {
    Long seconds = 0L;
    Long nanoseconds = 0L;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "secs" -> seconds = c.number(Long.MIN_VALUE, Long.MAX_VALUE);
        case "nanosecs" -> nanoseconds = c.number(0, 999_999_999);
        default -> c.unknown("secs nanosecs");
      }
    }
    return new TimeOffset(MountReader.orZero(seconds), MountReader.orZero(nanoseconds));
  }

  private static @Nullable Personality personality(Cursor c) throws IOException {
    String domain = "";
    List<String> flags = List.of();
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "domain" -> domain = c.word("personality domain", "LINUX LINUX32");
        case "flags" -> flags = c.texts();
        default -> c.unknown("domain flags");
      }
    }
    return present ? new Personality(domain, flags) : null;
  }

  private static @Nullable MemoryPolicy memoryPolicy(Cursor c) throws IOException {
    String mode = "";
    String nodes = null;
    List<String> flags = List.of();
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "mode" -> mode = policyWord(c, "mode", MemoryPolicy.MODES);
        case "nodes" -> nodes = c.optionalText();
        case "flags" -> flags = c.list(one -> policyWord(one, "flag", MemoryPolicy.FLAGS));
        default -> c.unknown("mode nodes flags");
      }
    }
    return present ? new MemoryPolicy(mode, nodes, flags) : null;
  }

  // runc's words, by which its users know the fault.
  private static String policyWord(Cursor c, String what, String known) throws IOException {
    String word = c.text();
    if (word == null) {
      return "";
    }
    if (!NearName.isAmong(known, word)) {
      c.violation(
          "invalid memory policy " + what + " \"" + word + "\"", NearName.advice(known, word));
    }
    return word;
  }

  private static @Nullable IntelRdt intelRdt(Cursor c) throws IOException {
    String closId = null;
    List<String> schemata = List.of();
    String l3 = null;
    String bandwidth = null;
    boolean monitoring = false;
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "closID" -> closId = c.optionalText();
        case "schemata" -> schemata = c.texts();
        case "l3CacheSchema" -> l3 = c.optionalText();
        case "memBwSchema" -> bandwidth = bandwidth(c);
        case "enableMonitoring" -> monitoring = c.flag();
        case "enableCMT", "enableMBM" -> c.skip();
        default -> c.unknown("closID schemata l3CacheSchema memBwSchema enableMonitoring");
      }
    }
    return present ? new IntelRdt(closId, schemata, l3, bandwidth, monitoring) : null;
  }

  private static @Nullable String bandwidth(Cursor c) throws IOException {
    String text = c.optionalText();
    if (text != null && (!text.startsWith("MB:") || text.indexOf('\n') >= 0)) {
      c.violation(
          "\"" + text + "\" is no memory bandwidth schema", "one line that starts with MB:");
    }
    return text;
  }
}

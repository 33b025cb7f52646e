package dev.jrunc.spec;

import java.io.IOException;
import java.util.List;

/** Writes the linux section. */
final class LinuxWriter {
  private LinuxWriter() {}

  static void linux(JsonOutput out, Linux linux) throws IOException {
    SpecWriter.idMappings(out, "uidMappings", linux.uidMappings());
    SpecWriter.idMappings(out, "gidMappings", linux.gidMappings());
    out.texts("sysctl", linux.sysctl());
    out.optional("resources", linux.resources(), ResourcesWriter::resources);
    out.text("cgroupsPath", linux.cgroupsPath());
    out.list(
        "namespaces",
        linux.namespaces(),
        namespace ->
            out.object(o -> {
              o.required("type", namespace.type().wireName());
              o.text("path", namespace.path());
            }));
    out.list("devices", linux.devices(), device -> out.object(o -> device(o, device)));
    SpecWriter.objects(
        out, "netDevices", linux.netDevices(), (o, device) -> o.text("name", device.name()));
    out.optional("seccomp", linux.seccomp(), LinuxWriter::seccomp);
    out.text("rootfsPropagation", linux.rootfsPropagation());
    out.texts("maskedPaths", linux.maskedPaths());
    out.texts("readonlyPaths", linux.readonlyPaths());
    out.text("mountLabel", linux.mountLabel());
    out.optional("intelRdt", linux.intelRdt(), LinuxWriter::intelRdt);
    out.optional(
        "memoryPolicy",
        linux.memoryPolicy(),
        (o, v) -> {
          o.required("mode", v.mode());
          o.text("nodes", v.nodes());
          o.texts("flags", v.flags());
        });
    out.optional(
        "personality",
        linux.personality(),
        (o, v) -> {
          o.required("domain", v.domain());
          o.texts("flags", v.flags());
        });
    SpecWriter.objects(
        out,
        "timeOffsets",
        linux.timeOffsets(),
        (o, offset) -> {
          o.number("secs", offset.secs() == 0 ? null : offset.secs());
          o.number("nanosecs", offset.nanosecs() == 0 ? null : offset.nanosecs());
        });
  }

  private static void device(JsonOutput out, Device device) throws IOException {
    out.required("path", device.path());
    out.required("type", device.type());
    out.required("major", device.major());
    out.required("minor", device.minor());
    out.number("fileMode", device.fileMode());
    out.number("uid", device.uid());
    out.number("gid", device.gid());
  }

  private static void intelRdt(JsonOutput out, IntelRdt rdt) throws IOException {
    out.text("closID", rdt.closId());
    out.texts("schemata", rdt.schemata());
    out.text("l3CacheSchema", rdt.l3CacheSchema());
    out.text("memBwSchema", rdt.memBwSchema());
    out.flagIfSet("enableMonitoring", rdt.enableMonitoring());
  }

  private static void seccomp(JsonOutput out, Seccomp seccomp) throws IOException {
    out.required("defaultAction", seccomp.defaultAction().wireName());
    out.number("defaultErrnoRet", seccomp.defaultErrnoRet());
    out.texts("architectures", seccomp.architectures());
    List<String> flags = seccomp.givenFlags();
    if (flags != null) {
      out.textsOrNone("flags", flags);
    }
    out.text("listenerPath", seccomp.listenerPath());
    out.text("listenerMetadata", seccomp.listenerMetadata());
    out.list("syscalls", seccomp.syscalls(), rule -> out.object(o -> rule(o, rule)));
  }

  private static void rule(JsonOutput out, SyscallRule rule) throws IOException {
    out.texts("names", rule.names());
    out.required("action", rule.action().wireName());
    out.number("errnoRet", rule.errnoRet());
    List<SeccompArgument> args = rule.args();
    out.list(
        "args",
        args,
        arg ->
            out.object(o -> {
              o.required("index", arg.index());
              o.unsigned("value", arg.value());
              if (arg.valueTwo() != 0) {
                o.unsigned("valueTwo", arg.valueTwo());
              }
              o.required("op", arg.operator().wireName());
            }));
  }
}

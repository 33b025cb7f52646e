package dev.jrunc.spec;

import java.io.IOException;
import java.util.List;

/** Writes cgroup resources. */
final class ResourcesWriter {
  private ResourcesWriter() {}

  static void resources(JsonOutput out, Resources r) throws IOException {
    out.list("devices", r.devices(), rule -> out.object(o -> deviceRule(o, rule)));
    out.optional("memory", r.memory(), ResourcesWriter::memory);
    out.optional("cpu", r.cpu(), ResourcesWriter::cpu);
    out.optional("pids", r.pids(), (o, v) -> o.number("limit", v.limit()));
    out.optional("blockIO", r.blockIo(), ResourcesWriter::blockIo);
    out.list(
        "hugepageLimits",
        r.hugepageLimits(),
        limit ->
            out.object(o -> {
              o.required("pageSize", limit.pageSize());
              o.unsigned("limit", limit.limit());
            }));
    out.optional("network", r.network(), ResourcesWriter::network);
    SpecWriter.objects(
        out,
        "rdma",
        r.rdma(),
        (o, limit) -> {
          o.number("hcaHandles", limit.hcaHandles());
          o.number("hcaObjects", limit.hcaObjects());
        });
    out.texts("unified", r.unified());
  }

  private static void deviceRule(JsonOutput out, DeviceCgroupRule rule) throws IOException {
    out.required("allow", rule.allow());
    out.text("type", rule.type());
    out.number("major", rule.major());
    out.number("minor", rule.minor());
    out.text("access", rule.access());
  }

  private static void memory(JsonOutput out, MemoryResources m) throws IOException {
    out.number("limit", m.limit());
    out.number("reservation", m.reservation());
    out.number("swap", m.swap());
    out.number("kernel", m.kernel());
    out.number("kernelTCP", m.kernelTcp());
    out.unsignedOrAbsent("swappiness", m.swappiness());
    out.flag("disableOOMKiller", m.disableOomKiller());
    out.flag("useHierarchy", m.useHierarchy());
    out.flag("checkBeforeUpdate", m.checkBeforeUpdate());
  }

  private static void cpu(JsonOutput out, CpuResources c) throws IOException {
    out.unsignedOrAbsent("shares", c.shares());
    out.number("quota", c.quota());
    out.unsignedOrAbsent("burst", c.burst());
    out.unsignedOrAbsent("period", c.period());
    out.number("realtimeRuntime", c.realtimeRuntime());
    out.unsignedOrAbsent("realtimePeriod", c.realtimePeriod());
    out.text("cpus", c.cpus());
    out.text("mems", c.mems());
    out.number("idle", c.idle());
  }

  private static void blockIo(JsonOutput out, BlockIoResources b) throws IOException {
    out.number("weight", b.weight());
    out.number("leafWeight", b.leafWeight());
    out.list(
        "weightDevice",
        b.weightDevice(),
        device ->
            out.object(o -> {
              o.required("major", device.major());
              o.required("minor", device.minor());
              o.number("weight", device.weight());
              o.number("leafWeight", device.leafWeight());
            }));
    throttle(out, "throttleReadBpsDevice", b.throttleReadBpsDevice());
    throttle(out, "throttleWriteBpsDevice", b.throttleWriteBpsDevice());
    throttle(out, "throttleReadIOPSDevice", b.throttleReadIopsDevice());
    throttle(out, "throttleWriteIOPSDevice", b.throttleWriteIopsDevice());
  }

  private static void throttle(JsonOutput out, String name, List<ThrottleDevice> devices)
      throws IOException {
    out.list(
        name,
        devices,
        device ->
            out.object(o -> {
              o.required("major", device.major());
              o.required("minor", device.minor());
              o.unsigned("rate", device.rate());
            }));
  }

  private static void network(JsonOutput out, NetworkResources n) throws IOException {
    out.number("classID", n.classId());
    out.list(
        "priorities",
        n.priorities(),
        priority ->
            out.object(o -> {
              o.required("name", priority.name());
              o.required("priority", priority.priority());
            }));
  }
}

package dev.jrunc.runtime.cgroup;

import dev.jrunc.spec.PointerSegment;
import dev.jrunc.spec.RdmaLimit;
import java.util.List;
import java.util.Map;

/** Limits of RDMA devices: the same file on v1 and v2. */
final class RdmaLimits {
  private RdmaLimits() {}

  static void add(List<CgroupWrite> writes, Map<String, RdmaLimit> limits, String controller) {
    for (Map.Entry<String, RdmaLimit> entry : limits.entrySet()) {
      String device = entry.getKey();
      RdmaLimit limit = entry.getValue();
      StringBuilder value = new StringBuilder(device);
      if (limit.hcaHandles() != null) {
        value.append(" hca_handle=").append(limit.hcaHandles());
      }
      if (limit.hcaObjects() != null) {
        value.append(" hca_object=").append(limit.hcaObjects());
      }
      String pointer = CgroupLimits.POINTER + "/rdma/" + PointerSegment.of(device);
      writes.add(new CgroupWrite(controller, "rdma.max", value.toString(), pointer));
    }
  }
}

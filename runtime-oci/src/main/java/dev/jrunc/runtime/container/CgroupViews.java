package dev.jrunc.runtime.container;

import dev.jrunc.runtime.cgroup.CgroupHost;
import dev.jrunc.runtime.cgroup.CgroupLayout;
import dev.jrunc.runtime.cgroup.CgroupPaths;
import dev.jrunc.runtime.cgroup.Hierarchy;
import dev.jrunc.runtime.rootfs.CgroupView;
import java.util.ArrayList;
import java.util.List;

/** What a container's own cgroup mount shows of the hierarchies of the host. */
final class CgroupViews {
  private CgroupViews() {}

  static List<CgroupView> of(CgroupHost host, CgroupPaths paths) {
    List<CgroupView> views = new ArrayList<>();
    for (Hierarchy hierarchy : host.hierarchies()) {
      String controller = hierarchy.controllers().get(0);
      String own = paths.byController().get(controller);
      if (own == null) {
        continue;
      }
      boolean unified = controller.equals(CgroupHost.UNIFIED);
      int slash = hierarchy.mountPoint().lastIndexOf('/');
      String folder =
          host.layout() == CgroupLayout.V2 ? "" : hierarchy.mountPoint().substring(slash + 1);
      views.add(new CgroupView(folder, unified, own));
    }
    return views;
  }
}

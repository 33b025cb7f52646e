package dev.jrunc.runtime.inspection;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.rdt.ResourceControl;
import dev.jrunc.runtime.rootfs.SysctlWriter;
import dev.jrunc.runtime.support.Support;
import dev.jrunc.spec.IntelRdt;
import dev.jrunc.spec.Linux;
import dev.jrunc.spec.Namespace;
import dev.jrunc.spec.NamespaceType;
import dev.jrunc.spec.PointerSegment;
import dev.jrunc.spec.Spec;

/** What a kernel may have been built without. */
final class KernelCheck {
  private final dev.jrunc.kernel.Linux kernel;
  private final HostFiles files;
  private final Collector found;

  KernelCheck(dev.jrunc.kernel.Linux kernel, HostFiles files, Collector found) {
    this.kernel = kernel;
    this.files = files;
    this.found = found;
  }

  void check(Spec spec) {
    Linux linux = spec.linux();
    if (linux == null) {
      return;
    }
    for (int i = 0; i < linux.namespaces().size(); i++) {
      namespace(linux.namespaces().get(i), "/linux/namespaces/" + i);
    }
    for (String name : linux.sysctl().keySet()) {
      String file = SysctlWriter.fileName(name);
      if (!file.contains("..") && files.missing("/proc/sys/" + file)) {
        found.note(
            "/linux/sysctl/" + PointerSegment.of(name),
            "this host has no sysctl \"" + name + "\" in its own namespaces",
            "a new namespace may have it, as those of interfaces");
      }
    }
    if (linux.intelRdt() != null) {
      resourceControl(linux.intelRdt());
    }
    if (!linux.netDevices().isEmpty()) {
      netDevices(linux);
    }
  }

  private void namespace(Namespace namespace, String pointer) {
    String type = namespace.type().wireName();
    String name = type.equals("network") ? "net" : type.equals("mount") ? "mnt" : type;
    if (files.missing("/proc/self/ns/" + name)) {
      found.host(pointer, "this kernel has no " + type + " namespaces", "");
    }
    if (namespace.type() == NamespaceType.USER
        && namespace.path() == null
        && "0".equals(files.text("/proc/sys/user/max_user_namespaces"))) {
      found.host(
          pointer,
          "user namespaces are switched off on this host",
          "sysctl user.max_user_namespaces");
    }
  }

  private void resourceControl(IntelRdt wanted) {
    ResourceControl control = ResourceControl.find(kernel);
    if (control == null) {
      found.host("/linux/intelRdt", "resctrl is not mounted on this host", "");
      return;
    }
    for (Failure refusal : control.refusals(wanted)) {
      found.host(refusal.pointer(), String.valueOf(refusal.getMessage()), refusal.ownHint());
    }
  }

  private void netDevices(Linux linux) {
    if (!Support.NET_DEVICES) {
      found.runtime("/linux/netDevices", "netDevices is not supported yet", "");
      return;
    }
    for (String name : linux.netDevices().keySet()) {
      if (files.missing("/sys/class/net/" + name)) {
        found.host(
            "/linux/netDevices/" + PointerSegment.of(name),
            "this host has no network device \"" + name + "\"",
            "");
      }
    }
  }
}

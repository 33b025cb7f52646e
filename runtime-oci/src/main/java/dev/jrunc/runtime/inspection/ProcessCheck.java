package dev.jrunc.runtime.inspection;

import dev.jrunc.runtime.capability.Capability;
import dev.jrunc.runtime.support.Support;
import dev.jrunc.spec.Capabilities;
import dev.jrunc.spec.Process;
import dev.jrunc.spec.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Labels, profiles and capabilities of the process. */
final class ProcessCheck {
  private final HostFiles files;
  private final Collector found;

  ProcessCheck(HostFiles files, Collector found) {
    this.files = files;
    this.found = found;
  }

  void check(Spec spec) {
    Process process = spec.process();
    String mountLabel = spec.linux() == null ? null : spec.linux().mountLabel();
    if (isSet(mountLabel) && files.missing("/sys/fs/selinux/enforce")) {
      found.note("/linux/mountLabel", "this host has no SELinux; the label is without effect", "");
    }
    if (process == null) {
      return;
    }
    if (isSet(process.apparmorProfile())) {
      apparmor();
    }
    if (isSet(process.selinuxLabel())) {
      selinux("/process/selinuxLabel");
    }
    if (process.execCpuAffinity() != null && !Support.EXEC_CPU_AFFINITY) {
      found.runtime("/process/execCPUAffinity", "execCPUAffinity is not supported yet", "");
    }
    capabilities(process.capabilities());
  }

  private static boolean isSet(@Nullable String text) {
    return text != null && !text.isEmpty();
  }

  private void apparmor() {
    String enabled = files.text("/sys/module/apparmor/parameters/enabled");
    if (enabled == null || !enabled.startsWith("Y")) {
      found.host(
          "/process/apparmorProfile",
          "this host has no AppArmor, or it is switched off",
          "leave the profile out");
    } else if (!Support.APPARMOR) {
      found.runtime("/process/apparmorProfile", "AppArmor is not supported yet", "");
    }
  }

  private void selinux(String pointer) {
    if (files.missing("/sys/fs/selinux/enforce")) {
      found.host(pointer, "this host has no SELinux, or it is switched off", "leave the label out");
    } else if (!Support.SELINUX) {
      found.runtime(pointer, "SELinux is not supported yet", "");
    }
  }

  private void capabilities(@Nullable Capabilities sets) {
    if (sets == null) {
      return;
    }
    String last = files.text("/proc/sys/kernel/cap_last_cap");
    int highest = last == null ? Capability.COUNT : Integer.parseInt(last);
    set("bounding", sets.bounding(), highest);
    set("effective", sets.effective(), highest);
    set("inheritable", sets.inheritable(), highest);
    set("permitted", sets.permitted(), highest);
    set("ambient", sets.ambient(), highest);
  }

  private void set(String name, List<String> capabilities, int highest) {
    for (int i = 0; i < capabilities.size(); i++) {
      if (Capability.number(capabilities.get(i)) > highest) {
        found.note(
            "/process/capabilities/" + name + "/" + i,
            "this kernel does not know " + capabilities.get(i),
            "");
      }
    }
  }
}

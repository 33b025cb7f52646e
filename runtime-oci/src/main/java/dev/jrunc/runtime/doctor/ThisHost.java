package dev.jrunc.runtime.doctor;

import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.cgroup.CgroupHost;
import dev.jrunc.runtime.cgroup.Delegation;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.inspection.HostFiles;
import dev.jrunc.runtime.network.HelperProgram;
import dev.jrunc.runtime.process.Environment;
import dev.jrunc.runtime.process.IdMapTool;
import dev.jrunc.runtime.rdt.ResourceControl;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The host that this process runs on, asked by what would do the work. */
final class ThisHost implements Host {
  private static final int EXECUTE = 1;
  private static final int READ_AND_WRITE = 6;

  private final Linux linux;
  private final List<String> environment;
  private final HostFiles files;

  ThisHost(Linux linux, List<String> environment) {
    this.linux = linux;
    this.environment = environment;
    this.files = new HostFiles(linux);
  }

  @Override
  public long uid() {
    return linux.credentials().effectiveUid() & 0xffffffffL;
  }

  @Override
  public @Nullable String variable(String name) {
    return Environment.value(environment, name);
  }

  @Override
  public @Nullable String text(String path) {
    return files.text(path);
  }

  @Override
  public boolean exists(String path) {
    return !files.missing(path);
  }

  @Override
  public boolean mayMake(String path) {
    return Delegation.mayMake(linux, path);
  }

  @Override
  public boolean mayExecute(String path) {
    return linux.files().accessRaw(linux.currentDirectory(), path, EXECUTE) == 0;
  }

  @Override
  public boolean mayUse(String path) {
    return linux.files().accessRaw(linux.currentDirectory(), path, READ_AND_WRITE) == 0;
  }

  @Override
  public @Nullable String networkProgram(String name) {
    return new HelperProgram(linux).find(name);
  }

  @Override
  public @Nullable String idMapProgram(String name) {
    return IdMapTool.find(linux, name);
  }

  @Override
  public @Nullable CgroupHost cgroups() {
    try {
      return CgroupHost.detect(linux);
    } catch (SyscallFailed | Failure e) {
      return null;
    }
  }

  @Override
  public boolean resctrlMounted() {
    return ResourceControl.find(linux) != null;
  }
}

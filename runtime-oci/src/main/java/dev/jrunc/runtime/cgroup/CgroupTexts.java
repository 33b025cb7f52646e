package dev.jrunc.runtime.cgroup;

import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.stats.GroupTexts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of a container's groups, for its statistics. */
final class CgroupTexts implements GroupTexts {
  private static final String PREFIX = "hugepages-";

  private final CgroupFiles files;
  private final CgroupPaths paths;

  CgroupTexts(CgroupFiles files, CgroupPaths paths) {
    this.files = files;
    this.paths = paths;
  }

  @Override
  public @Nullable String text(String controller, String file) {
    String directory = paths.directory(controller);
    if (directory == null) {
      return null;
    }
    try {
      return Utf8.decode(files.readWhole(directory + "/" + file));
    } catch (SyscallFailed e) {
      // Pressure is ENOTSUP where the kernel was started without it.
      int notSupported = 95;
      if (CgroupFiles.gone(-e.errno()) || e.errno() == notSupported) {
        return null;
      }
      throw Failure.system("cannot read " + directory + "/" + file, e);
    }
  }

  @Override
  public List<String> hugepageSizes() {
    List<String> sizes = new ArrayList<>();
    if (paths.directory("hugetlb") == null) {
      return sizes;
    }
    for (String name : files.list("/sys/kernel/mm/hugepages")) {
      if (name.startsWith(PREFIX) && name.endsWith("kB")) {
        long kilobytes = Long.parseLong(name.substring(PREFIX.length(), name.length() - 2));
        sizes.add(size(kilobytes));
      }
    }
    return sizes;
  }

  /** As the kernel names the files: mem_fmt() of mm/hugetlb_cgroup.c. */
  static String size(long kilobytes) {
    if (kilobytes >= 1 << 20) {
      return (kilobytes >> 20) + "GB";
    }
    return kilobytes >= 1 << 10 ? (kilobytes >> 10) + "MB" : kilobytes + "KB";
  }
}

package dev.jrunc.runtime.stats;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of a container's cgroups. */
public interface GroupTexts {

  /** The whole text of a file; null where the file or its controller is not there. */
  @Nullable String text(String controller, String file);

  /** The sizes of huge pages this machine has, as in file names: {@code 2MB}. */
  List<String> hugepageSizes();
}

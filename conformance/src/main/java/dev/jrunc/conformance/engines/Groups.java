package dev.jrunc.conformance.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The cgroups of version 1, looked at from beside the container. */
final class Groups {
  private static final Path MOUNTED = Path.of("/sys/fs/cgroup");

  private Groups() {}

  /** What a file of a controller says for the group of a process. */
  static String read(int pid, String controller, String file) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (List.of(parts[1].split(",")).contains(controller)) {
        Path group = MOUNTED.resolve(parts[1] + "/" + parts[2]);
        return Files.readString(group.resolve(file)).trim();
      }
    }
    throw new IOException("process " + pid + " is in no group of " + controller);
  }

  /** The groups below this one in all hierarchies whose names begin so. */
  static List<String> below(String parent, String prefix) {
    List<String> found = new ArrayList<>();
    for (Path hierarchy : folders(MOUNTED)) {
      for (Path group : folders(hierarchy.resolve(parent))) {
        if (String.valueOf(group.getFileName()).startsWith(prefix)) {
          found.add(group.toString());
        }
      }
    }
    return found;
  }

  private static List<Path> folders(Path folder) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, Files::isDirectory)) {
      all.forEach(found::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }
}

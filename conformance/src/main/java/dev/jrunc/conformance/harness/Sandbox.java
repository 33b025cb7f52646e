package dev.jrunc.conformance.harness;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A place for one case: a bundle with busybox, a state folder of its own, and names for cgroups
 * that nobody else uses. Closing it deletes its containers and checks that nothing is left on the
 * host.
 */
public final class Sandbox implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String APPLETS =
      "sh true false ls cat id ps sleep echo mount hostname ip env pwd test touch kill stat head"
          + " readlink grep mkdir mknod rm wc tr dd tty stty sed umount";

  private final Path runtime;
  private final Path folder;
  private final String name;
  private final List<String> mountsBefore;
  private final List<String> containers = new CopyOnWriteArrayList<>();
  private final Uses uses = new Uses();
  private List<String> globals = List.of();

  private Sandbox(Path runtime, Path folder, String name) {
    this.runtime = runtime;
    this.folder = folder;
    this.name = name;
    this.mountsBefore = mounts();
  }

  /** Makes the place; {@code name} becomes part of container names. */
  public static Sandbox open(Path runtime, String name) {
    try {
      Path folder = Files.createTempDirectory("conformance-");
      Sandbox sandbox = new Sandbox(runtime, folder, name);
      sandbox.makeRootfs();
      return sandbox;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // One copy for all places, made before any process is: a process that another thread starts just
  // then would hold the file open for writing for a moment, and nobody could execute it.
  private static synchronized Path sharedBusybox() throws IOException {
    Path folder = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    Path copy = folder.resolve("conformance-busybox-" + ProcessHandle.current().pid());
    if (!Files.exists(copy)) {
      Files.copy(Path.of("/bin/busybox"), copy);
      copy.toFile().deleteOnExit();
    }
    return copy;
  }

  private void makeRootfs() throws IOException {
    Path bin = Files.createDirectories(rootfs().resolve("bin"));
    for (String dir : List.of("dev", "proc", "sys", "etc", "tmp", "root")) {
      Files.createDirectories(rootfs().resolve(dir));
    }
    Files.createLink(bin.resolve("busybox"), sharedBusybox());
    for (String applet : APPLETS.split(" ")) {
      Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
    }
    Files.writeString(
        rootfs().resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/home/web:/bin/sh\n");
    Files.writeString(rootfs().resolve("etc/group"), "root:x:0:\nweb:x:1000:\n");
    Command.of(runtime.toString(), "spec").in(bundle()).run().ok();
    config(config -> config.withObject("/process").put("terminal", false));
  }

  public Path bundle() {
    try {
      return Files.createDirectories(folder.resolve("bundle"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path rootfs() {
    return bundle().resolve("rootfs");
  }

  public Path folder() {
    return folder;
  }

  /** A name for a container of this place; it is deleted with the place. */
  public synchronized String container() {
    String id = "c" + ProcessHandle.current().pid() + "-" + name + "-" + containers.size();
    containers.add(id);
    return id;
  }

  /** Changes a JSON document. */
  public interface Change {
    void apply(ObjectNode config);
  }

  /** Changes config.json. */
  public Sandbox config(Change change) {
    Path file = bundle().resolve("config.json");
    try {
      ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
      change.apply(config);
      JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), config);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sets the program. */
  public Sandbox args(String... args) {
    return config(config -> {
      ArrayNode array = config.withObject("/process").putArray("args");
      for (String arg : args) {
        array.add(arg);
      }
    });
  }

  /** The program is this script, run by the container's shell. */
  public Sandbox script(String script) {
    return args("sh", "-c", script);
  }

  public static ArrayNode namespaces(ObjectNode config) {
    return config.withObject("/linux").withArray("/namespaces");
  }

  /** Takes a namespace out of the config. */
  public static void without(ObjectNode config, String type) {
    ArrayNode all = namespaces(config);
    for (int i = all.size() - 1; i >= 0; i--) {
      if (all.get(i).path("type").asText().equals(type)) {
        all.remove(i);
      }
    }
  }

  public static ObjectNode mount(
      ObjectNode config, String destination, String type, String source, String... options) {
    ObjectNode mount = config.withArray("/mounts").addObject();
    mount.put("destination", destination).put("type", type).put("source", source);
    ArrayNode array = mount.putArray("options");
    for (String option : options) {
      array.add(option);
    }
    return mount;
  }

  /** More global flags for every command from here on; none takes them away again. */
  public Sandbox globals(String... flags) {
    globals = List.of(flags);
    return this;
  }

  /** The runtime with its global flags and these words. */
  public Command runtime(String... words) {
    return Command.of(runtimeWords(words)).in(bundle());
  }

  /** The same as words, for a shell. */
  public List<String> runtimeWords(String... words) {
    List<String> all = new ArrayList<>();
    all.add(runtime.toString());
    all.add("--root");
    all.add(folder.resolve("state").toString());
    all.addAll(globals);
    all.addAll(List.of(words));
    uses.note(all.subList(1, all.size()), containers, bundle());
    return all;
  }

  /** What was put before the runtime so far. */
  public Uses uses() {
    return uses;
  }

  /** Runs the bundle to its end. */
  public Command.Outcome run() {
    return runtime("run", container()).run();
  }

  /** Whether this is Debian's runc, whose known differences some cases must allow for. */
  public boolean isRunc() {
    return runtime.getFileName().toString().equals("runc");
  }

  public Path runtimePath() {
    return runtime;
  }

  private static List<String> mounts() {
    try {
      return Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    for (String container : containers) {
      runtime("delete", "--force", container).run();
    }
    String left = leftovers(containers);
    delete(folder);
    Expect.that(left.isEmpty(), "left behind: " + left);
  }

  /** Mounts, and cgroups and states of these containers, that are there; empty for none. */
  public String leftovers(List<String> ids) {
    StringBuilder left = new StringBuilder();
    for (String mount : mounts()) {
      if (!mountsBefore.contains(mount) && mount.contains(folder.toString())) {
        left.append("mount ").append(mount).append('\n');
      }
    }
    for (Path group : groups(Path.of("/sys/fs/cgroup"), ids)) {
      left.append("cgroup ").append(group).append('\n');
    }
    Path state = folder.resolve("state");
    for (String id : ids) {
      if (Files.exists(state.resolve(id))) {
        left.append("state of ").append(id).append('\n');
      }
    }
    return left.toString();
  }

  private static List<Path> groups(Path top, List<String> ids) {
    List<Path> found = new ArrayList<>();
    try {
      Files.walkFileTree(
          top,
          Set.of(),
          6,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
              if (isGroup(String.valueOf(path.getFileName()), ids)) {
                found.add(path);
              }
              return FileVisitResult.CONTINUE;
            }

            // Somebody else's cgroup went away while it was looked at; the others are still there.
            @Override
            public FileVisitResult visitFileFailed(Path path, IOException e) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path path, @Nullable IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  // By its own name, or by that of its scope.
  private static boolean isGroup(String directory, List<String> ids) {
    for (String container : ids) {
      if (directory.equals(container) || directory.endsWith("-" + container + ".scope")) {
        return true;
      }
    }
    return false;
  }

  /** Deletes a folder with all in it. */
  public static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

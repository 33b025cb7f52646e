package dev.jrunc.conformance.engines;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Docker: a daemon with a containerd of its own. */
final class Docker extends CommandLineEngine {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int OPEN_FILES = 20000;

  private final Path folder;
  private final Path runtime;
  private Daemon daemon;

  private Docker(Path folder, Path runtime) {
    this.folder = folder;
    this.runtime = runtime;
    this.daemon = startDaemon();
  }

  static Docker start(Path runtime) throws IOException {
    return start(runtime, JSON.createObjectNode());
  }

  /** With more of daemon.json. */
  static Docker start(Path runtime, ObjectNode settings) throws IOException {
    Path folder = Folders.make("docker");
    settings.put("data-root", folder + "/data").put("exec-root", folder + "/exec");
    settings.put("pidfile", folder + "/pid").put("storage-driver", "overlay2");
    settings.withArray("/hosts").add("unix://" + folder + "/socket");
    settings.withArray("/exec-opts").add("native.cgroupdriver=cgroupfs");
    settings.withObject("/runtimes/tested").put("path", runtime.toString());
    settings.put("default-runtime", "tested");
    settings
        .withObject("/default-ulimits/nofile")
        .put("Name", "nofile")
        .put("Soft", OPEN_FILES)
        .put("Hard", OPEN_FILES);
    Files.writeString(folder.resolve("daemon.json"), settings.toPrettyString());
    Docker docker = new Docker(folder, runtime);
    docker
        .client("load", "-q", "-i", TestImage.write(folder.resolve("image.tar")).toString())
        .run()
        .ok();
    return docker;
  }

  /** One more over the same runtime, with more of daemon.json and no bridge. */
  Docker another(ObjectNode settings) throws IOException {
    return start(runtime, settings.put("bridge", "none"));
  }

  private Daemon startDaemon() {
    return Daemon.start(
        folder.resolve("log"),
        List.of("/usr/sbin/dockerd", "--config-file", folder + "/daemon.json"),
        () -> client("version").run().code() == 0);
  }

  /** The daemon dies without a word, and a new one takes its place. */
  void crash() throws IOException {
    daemon.crash();
    Files.deleteIfExists(folder.resolve("pid"));
    daemon = startDaemon();
  }

  @Override
  public String name() {
    return "docker " + client("version", "--format", "{{.Server.Version}}").run().ok().out().trim();
  }

  @Override
  public Command client(String... words) {
    List<String> all = new ArrayList<>(List.of("/usr/bin/docker", "--host"));
    all.add("unix://" + folder + "/socket");
    all.addAll(List.of(words));
    return Command.of(all).with("DOCKER_CONFIG", folder + "/client");
  }

  @Override
  public List<Integer> processes(String container) {
    return client("top", container, "-eo", "pid")
        .run()
        .ok()
        .out()
        .lines()
        .skip(1)
        .map(line -> Integer.valueOf(line.trim()))
        .toList();
  }

  @Override
  public Path runtimeState() {
    return folder.resolve("exec/runtime-tested/moby");
  }

  @Override
  public String parentGroup() {
    return "docker";
  }

  @Override
  public String groupPrefix() {
    return "";
  }

  @Override
  Path folder() {
    return folder;
  }

  @Override
  public void close() {
    daemon.close();
    Folders.remove(folder);
  }
}

package dev.jrunc.conformance.demo;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Expect;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.registry.DemoImage;
import dev.jrunc.conformance.registry.LocalRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * From an image in a registry to containers that run, for real and step by step. Ends with an error
 * at the first thing that is not as it should be, and leaves nothing behind.
 */
public final class Demo {
  private static final String LOOK_AROUND =
      "echo \"pid        $$\"; echo \"user       $(id)\"; echo \"hostname   $(hostname)\";"
          + " echo \"namespaces $(readlink /proc/self/ns/pid) $(readlink /proc/self/ns/net)\";"
          + " echo \"open files $(ulimit -n)\";"
          + " echo \"memory     $(cat /sys/fs/cgroup/memory/memory.limit_in_bytes"
          + " /sys/fs/cgroup/memory.max 2>/dev/null) bytes\";"
          + " echo \"seccomp    $(grep Seccomp: /proc/self/status | tr '\\t' ' ')\";"
          + " echo \"network    $(ip -o link | cut -d: -f2 | tr '\\n' ' ')\"";

  private static final int KILLED = 137;

  private final Path programs;
  private final Path folder;
  private int step;

  private Demo(Path programs, Path folder) {
    this.programs = programs;
    this.folder = folder;
  }

  /**
   * Runs the demo.
   *
   * @param image a name to pull from where it says, or empty for an image made on the spot
   */
  public static void run(Path programs, String image) throws IOException {
    Path folder = Files.createTempDirectory("demo-");
    Demo demo = new Demo(programs, folder);
    try {
      if (image.isEmpty()) {
        demo.withOwnRegistry();
      } else {
        demo.containers(image);
      }
      demo.say("Done: everything worked, and nothing is left of it.");
    } finally {
      demo.cleanUp();
    }
  }

  private void withOwnRegistry() throws IOException {
    say("Starting a registry on loopback that asks for tokens");
    try (LocalRegistry registry = LocalRegistry.start()) {
      show("registry at " + registry.host());
      say("Making an image for two platforms, with a whiteout and a hard link in its layers");
      DemoImage.push(registry, "demo", LOOK_AROUND);
      containers(registry.host() + "/demo:latest");
    }
  }

  private void containers(String image) throws IOException {
    say("jimage pull " + image + ": token, index, manifest, layers, every digest checked");
    show(jimage("pull", image).run().ok().all());
    show(jimage("images").run().ok().out());
    Path web = Files.createDirectory(folder.resolve("web"));
    say("jimage bundle: the layers become rootfs, the configuration becomes config.json");
    show(jimage("bundle").in(web).run().ok().out());
    if (image.endsWith("/demo:latest")) {
      DemoImage.check(web.resolve("rootfs"));
      show("the whiteout hid its file, the hard link is one file under two names");
    } else {
      program(web, LOOK_AROUND);
    }
    ConfigEdit.limitMemory(web.resolve("config.json"), 64L << 20);
    say("jrunc run web: a container, seen from inside");
    String seen = jrunc("run", "web").in(web).run().ok().out();
    show(seen);
    Expect.contains(seen, "pid        1");
    Expect.contains(seen, "uid=0");
    Expect.contains(seen, "memory     67108864 bytes");
    lifecycle(web);
    memoryLimit(web);
  }

  private void lifecycle(Path web) throws IOException {
    program(web, "sleep 600");
    say("jrunc create, start, state, exec, list, kill, delete: the life of a container, by hand");
    // The container holds the standard streams that create was given, so a pipe would not end.
    jrunc("create", "--pid-file", folder.resolve("pid").toString(), "life")
        .in(web)
        .intoFile(folder.resolve("log"))
        .run()
        .ok();
    show("created, its pid is " + Files.readString(folder.resolve("pid")));
    Expect.contains(jrunc("state", "life").run().ok().out(), "\"status\": \"created\"");
    jrunc("start", "life").run().ok();
    show(jrunc("state", "life").run().ok().says("\"status\": \"running\"").out());
    show(
        "exec: "
            + jrunc("exec", "life", "sh", "-c", "echo hello from $(hostname)").run().ok().out());
    show(jrunc("list").run().ok().out());
    jrunc("kill", "life", "KILL").run().ok();
    awaitStopped();
    jrunc("delete", "life").run().ok();
    Expect.that(!jrunc("list", "-q").run().ok().out().contains("life"), "life is still listed");
    show("killed and deleted");
  }

  private void awaitStopped() {
    for (int i = 0; i < 100; i++) {
      if (jrunc("state", "life").run().ok().out().contains("\"stopped\"")) {
        return;
      }
    }
    Expect.that(false, "the container did not stop");
  }

  private void memoryLimit(Path web) throws IOException {
    say("A container that runs into its memory limit of 16 MiB: the kernel ends it, not the host");
    ConfigEdit.limitMemory(web.resolve("config.json"), 16L << 20);
    program(web, "exec dd if=/dev/zero of=/dev/null bs=64M count=1");
    Command.Outcome outcome = jrunc("run", "greedy").in(web).run().code(KILLED);
    show("the program was ended: exit code " + outcome.code() + ", 128 + SIGKILL");
  }

  private static void program(Path bundle, String script) throws IOException {
    ConfigEdit.args(bundle.resolve("config.json"), List.of("sh", "-c", script));
  }

  private Command jimage(String... words) {
    return Command.of(
        Command.words(
            List.of(
                programs.resolve("jimage").toString(),
                "--store",
                folder.resolve("store").toString()),
            words));
  }

  private Command jrunc(String... words) {
    return Command.of(
        Command.words(
            List.of(
                programs.resolve("jrunc").toString(), "--root", folder.resolve("state").toString()),
            words));
  }

  private void say(String sentence) {
    System.out.println("\n[" + ++step + "] " + sentence);
  }

  private static void show(String text) {
    for (String line : text.stripTrailing().split("\n")) {
      System.out.println("    " + line);
    }
  }

  private void cleanUp() {
    for (String container : List.of("web", "life", "greedy")) {
      jrunc("delete", "--force", container).run();
    }
    Sandbox.delete(folder);
  }
}

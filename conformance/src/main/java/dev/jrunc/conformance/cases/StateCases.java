package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** State folders as crashes, disks and people leave them; and that life after life leaves none. */
final class StateCases {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MANY = 100;

  private StateCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("delete --force of what is not there succeeds", "runc delete", StateCases::missing),
        Case.of("a state that cannot be read is named", "runc state", StateCases::unreadable),
        Case.of("list goes on past a broken state", "runc list", StateCases::listGoesOn),
        Case.of("delete --force clears a broken state", "runc delete", StateCases::forceClears),
        Case.of("a pid that was used again is not the container", "runc kill", StateCases::reused),
        Case.of("a process that died by itself is stopped", "runtime.md State", StateCases::died),
        Case.of("another user sees no container of root", "runc list", StateCases::anotherUser),
        Case.of("a hundred lives leave nothing", "runtime.md Lifecycle", StateCases::hundred)
            .alone());
  }

  private static Path folder(Sandbox place, String id) {
    return place.folder().resolve("state").resolve(id);
  }

  private static Path document(Sandbox place, String id) {
    return folder(place, id).resolve("state.json");
  }

  private static void missing(Sandbox place) {
    place.runtime("delete", "--force", "never-there").run().ok();
    place.runtime("delete", "never-there").run().code(1).says("does not exist");
  }

  private static Map<String, byte[]> broken(byte[] good) {
    Map<String, byte[]> documents = new LinkedHashMap<>();
    documents.put("nothing", new byte[0]);
    documents.put(
        "half",
        new String(good, StandardCharsets.UTF_8).substring(0, 40).getBytes(StandardCharsets.UTF_8));
    documents.put("an array", "[]".getBytes(StandardCharsets.UTF_8));
    documents.put("zeros", new byte[600]);
    return documents;
  }

  private static void unreadable(Sandbox place) throws IOException {
    String id = LifecycleCases.running(place);
    byte[] good = Files.readAllBytes(document(place, id));
    for (Map.Entry<String, byte[]> each : broken(good).entrySet()) {
      Files.write(document(place, id), each.getValue());
      for (String command : List.of("state", "kill", "start", "pause")) {
        Command.Outcome outcome = place.runtime(command, id).run().code(1);
        String named = place.isRunc() ? "" : folder(place, id).toString();
        that(outcome.err().contains(named), command + " of " + each.getKey() + outcome.err());
        that(!outcome.err().isBlank(), command + " says nothing of " + each.getKey());
      }
    }
    // The container lives, and is whole again when its state is.
    Files.write(document(place, id), good);
    equal("running", LifecycleCases.status(place, id), "the status");
  }

  private static void listGoesOn(Sandbox place) throws IOException {
    String broken = LifecycleCases.running(place);
    String whole = LifecycleCases.running(place);
    byte[] good = Files.readAllBytes(document(place, broken));
    Files.writeString(document(place, broken), "{");
    Command.Outcome list = place.runtime("list", "--quiet").run().ok();
    contains(list.out(), whole);
    Files.write(document(place, broken), good);
  }

  private static void forceClears(Sandbox place) throws IOException {
    String id = place.container();
    Files.createDirectories(folder(place, id));
    place.runtime("delete", "--force", id).run().ok();
    that(!Files.exists(folder(place, id)), "an empty folder stays");
    assume(!place.isRunc(), "runc 1.1.5 keeps a folder with half a state");
    Files.createDirectories(folder(place, id));
    Files.writeString(document(place, id), "{\"id\":");
    place.runtime("delete", "--force", id).run().ok();
    that(!Files.exists(folder(place, id)), "a folder with half a state stays");
  }

  // A start time that is not the process's is how a runtime knows it for another.
  private static void reused(Sandbox place) throws Exception {
    String id = LifecycleCases.running(place);
    byte[] good = Files.readAllBytes(document(place, id));
    ObjectNode state = (ObjectNode) JSON.readTree(good);
    Process other = new ProcessBuilder("sleep", "100").start();
    try {
      state.put("init_process_pid", other.pid());
      state.put("init_process_start", 1);
      Files.write(document(place, id), JSON.writeValueAsBytes(state));
      equal("stopped", LifecycleCases.status(place, id), "the status");
      place.runtime("kill", id, "KILL").run().code(1);
      that(other.isAlive(), "the signal went to a process of the host");
    } finally {
      Files.write(document(place, id), good);
      other.destroyForcibly().waitFor();
    }
  }

  private static void died(Sandbox place) throws Exception {
    String id = LifecycleCases.running(place);
    String pid =
        JSON.readTree(Files.readAllBytes(document(place, id))).path("init_process_pid").asText();
    Command.of("kill", "-KILL", pid).run().ok();
    LifecycleCases.awaitStopped(place, id);
    place.runtime("kill", id).run().code(1).says("not running");
    place.runtime("delete", id).run().ok();
    that(!Files.exists(folder(place, id)), "the state stays");
  }

  private static void anotherUser(Sandbox place) throws Exception {
    assume(!place.isRunc(), "runc 1.1.5 refuses to run for a user without XDG_RUNTIME_DIR");
    String id = LifecycleCases.running(place);
    for (List<String> words : List.of(List.of("state", id), List.of("kill", id, "KILL"))) {
      List<String> all =
          Command.words(
              List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
              place.runtimeWords(words.toArray(String[]::new)).toArray(String[]::new));
      Command.of(all).run().code(1).says("permission denied");
    }
    equal("running", LifecycleCases.status(place, id), "the status");
  }

  private static void hundred(Sandbox place) throws IOException {
    place.args("true");
    place.run().ok();
    Set<String> before = host();
    for (int i = 0; i < MANY; i++) {
      String id = place.container();
      place.runtime("create", id).intoFile(place.folder().resolve("said")).run().ok();
      place.runtime("start", id).run().ok();
      LifecycleCases.awaitStopped(place, id);
      place.runtime("delete", id).run().ok();
    }
    // Others make and take away their own meanwhile; what must not be is anything that stays.
    Set<String> more = host();
    more.removeAll(before);
    for (int i = 0; i < 100 && !more.isEmpty(); i++) {
      LifecycleCases.pause(100);
      more.retainAll(host());
    }
    equal(Set.of(), more, "further mounts and cgroups of the host");
    try (Stream<Path> left = Files.list(place.folder().resolve("state"))) {
      equal(
          List.of(),
          left.filter(path -> !path.getFileName().toString().startsWith(".")).toList(),
          "states");
    }
  }

  private static Set<String> host() throws IOException {
    Set<String> found = new HashSet<>(Files.readAllLines(Path.of("/proc/self/mountinfo")));
    Files.walkFileTree(
        Path.of("/sys/fs/cgroup"),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            found.add(path.toString());
            return FileVisitResult.CONTINUE;
          }

          // Somebody else's went away while it was looked at.
          @Override
          public FileVisitResult visitFileFailed(Path path, IOException e) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, @Nullable IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}

package dev.jrunc.conformance.engines;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Expect;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where one check takes place: names for its containers, a folder, and the engine. Closing it
 * removes the containers, and expects that the runtime has left nothing.
 */
final class Place<E extends Engine> implements AutoCloseable {
  private final E engine;
  private final String name;
  private final Path folder;
  private final List<String> containers = Collections.synchronizedList(new ArrayList<>());

  Place(E engine, String name) throws IOException {
    this.engine = engine;
    this.name = name;
    this.folder = Folders.make("place");
  }

  E engine() {
    return engine;
  }

  Path folder() {
    return folder;
  }

  /** The name of one more container; several threads may want one at once. */
  synchronized String container() {
    String container = name + "-" + containers.size();
    containers.add(container);
    return container;
  }

  /** Runs a program in a container that is gone afterwards. */
  Command run(List<Option> options, String... program) {
    return engine.run(container(), options, program);
  }

  /** The same for a script. */
  Command.Outcome script(List<Option> options, String script) {
    return run(options, "sh", "-c", script).run();
  }

  /** Starts one that waits to be ended. */
  String waiting(Option... options) {
    return started(List.of(options), "sleep 1000");
  }

  String started(List<Option> options, String script) {
    String container = container();
    // A shell is process 1: it must be told to end by TERM, as the kernel spares a process 1
    // without a handler.
    engine
        .start(container, options, "sh", "-c", "trap 'exit 0' TERM; " + script + " & wait")
        .run()
        .ok();
    return container;
  }

  @Override
  public void close() {
    // The last first: one may be in another's namespaces.
    containers.reversed().forEach(engine::remove);
    Sandbox.delete(folder);
    try {
      Waiting.until(() -> left().isEmpty(), "left behind");
    } catch (Exception | AssertionError e) {
      Expect.that(false, "left behind: " + left());
    }
  }

  private List<String> left() {
    List<String> left = new ArrayList<>(Groups.below(engine.parentGroup(), engine.groupPrefix()));
    if (Files.exists(engine.runtimeState())) {
      try (Stream<Path> states = Files.list(engine.runtimeState())) {
        // A hidden one is a cache of the runtime's, not the state of a container.
        states.map(Path::toString).filter(state -> !state.contains("/.")).forEach(left::add);
      } catch (IOException e) {
        left.add(e.toString());
      }
    }
    return left;
  }
}

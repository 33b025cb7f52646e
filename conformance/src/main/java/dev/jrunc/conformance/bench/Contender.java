package dev.jrunc.conformance.bench;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.nio.file.Path;

/**
 * A runtime that is measured, with a state folder of its own.
 *
 * @param state for {@code --root}
 */
record Contender(Path program, Path state, Sandbox place) {

  static Contender of(Path program, Sandbox place) {
    Path state = place.folder().resolve("state-" + program.toString().replace('/', '_'));
    return new Contender(program, state, place);
  }

  /** The name of the program's file. */
  String name() {
    return program.getFileName().toString();
  }

  /**
   * A command of this runtime in the bundle. Its streams are files: a created container keeps those
   * it was given, and a pipe would be waited for.
   */
  Command command(String... words) {
    return Command.of(
            Command.words(java.util.List.of(program.toString(), "--root", state.toString()), words))
        .in(place.bundle())
        .intoFile(place.folder().resolve("said"));
  }
}

package dev.jrunc.conformance.engines;

import dev.jrunc.conformance.harness.Command;
import java.nio.file.Path;
import java.util.List;

/** An engine over a runtime, through its own client. Closing it ends it. */
interface Engine extends AutoCloseable {
  /** With its version, as its client says it. */
  String name();

  /** A command of its client. */
  Command client(String... words);

  /** Runs a program in a container that is gone afterwards. */
  Command run(String container, List<Option> options, String... program);

  /** Starts a program in a container and leaves it. */
  Command start(String container, List<Option> options, String... program);

  /** Runs one more program in it. */
  Command exec(String container, List<Option> options, String... program);

  void pause(String container);

  void resume(String container);

  void kill(String container, String signal);

  /** In lower case: running, paused, and words for one that has ended. */
  String status(String container);

  /** Of its first process, as the test sees it. */
  int pid(String container);

  /** Waits for its end, and says how its program ended. */
  int exitCode(String container);

  /** Its processes, as the engine tells them. */
  List<Integer> processes(String container);

  /** What it uses of memory, in the engine's words. */
  String memoryUse(String container);

  /** Ends it if it must. Says nothing if there is none. */
  void remove(String container);

  /** Where the runtime has its states. */
  Path runtimeState();

  /** The group in which the groups of the containers are. */
  String parentGroup();

  /** How the names of those groups begin. */
  String groupPrefix();

  @Override
  void close();
}

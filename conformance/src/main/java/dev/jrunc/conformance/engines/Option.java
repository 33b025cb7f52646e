package dev.jrunc.conformance.engines;

import java.nio.file.Path;
import java.util.List;

/** What a container or a program in it shall have, in no engine's words. */
sealed interface Option {
  record Memory(long bytes) implements Option {}

  record Processors(int percent) implements Option {}

  record ReadOnly() implements Option {}

  record Bind(Path source, String target, boolean writable) implements Option {}

  record Variable(String name, String value) implements Option {}

  record WorkingDirectory(String path) implements Option {}

  record User(String user) implements Option {}

  record AddCapability(String name) implements Option {}

  record DropCapability(String name) implements Option {}

  /** A profile of one's own, in the format of the engines. */
  record Seccomp(Path profile) implements Option {}

  /** The engine's own profile. */
  record DefaultSeccomp() implements Option {}

  record NoNewPrivileges() implements Option {}

  record Device(String path) implements Option {}

  record Terminal() implements Option {}

  /** The client hands on what it reads. */
  record Input() implements Option {}

  /** The engine's own network; without a word about it a container has loopback alone. */
  record Bridge() implements Option {}

  record HostNetwork() implements Option {}

  record NetworkOf(String container) implements Option {}

  /** Words of the engine at hand. */
  record Words(List<String> words) implements Option {
    static Words of(String... words) {
      return new Words(List.of(words));
    }
  }
}

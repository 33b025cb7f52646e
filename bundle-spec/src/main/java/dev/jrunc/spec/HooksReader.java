package dev.jrunc.spec;

import java.io.IOException;
import java.util.List;

/** Reads hooks. */
final class HooksReader {
  private HooksReader() {}

  static Hooks hooks(Cursor c) throws IOException {
    List<Hook> prestart = List.of();
    List<Hook> createRuntime = List.of();
    List<Hook> createContainer = List.of();
    List<Hook> startContainer = List.of();
    List<Hook> poststart = List.of();
    List<Hook> poststop = List.of();
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "prestart" -> prestart = c.list(HooksReader::hook);
        case "createRuntime" -> createRuntime = c.list(HooksReader::hook);
        case "createContainer" -> createContainer = c.list(HooksReader::hook);
        case "startContainer" -> startContainer = c.list(HooksReader::hook);
        case "poststart" -> poststart = c.list(HooksReader::hook);
        case "poststop" -> poststop = c.list(HooksReader::hook);
        default ->
            c.unknown("prestart createRuntime createContainer startContainer poststart poststop");
      }
    }
    return new Hooks(prestart, createRuntime, createContainer, startContainer, poststart, poststop);
  }

  private static Hook hook(Cursor c) throws IOException {
    String path = "";
    List<String> args = List.of();
    List<String> env = List.of();
    Integer timeout = null;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "path" -> path = c.textOrEmpty();
        case "args" -> args = c.texts();
        case "env" -> env = c.texts();
        case "timeout" -> timeout = c.integer(1, Integer.MAX_VALUE);
        default -> c.unknown("path args env timeout");
      }
    }
    c.require("path");
    return new Hook(path, args, env, timeout);
  }
}

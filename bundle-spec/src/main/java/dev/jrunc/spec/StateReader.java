package dev.jrunc.spec;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads a state. */
final class StateReader {
  private static final String STATUSES = "creating created running paused stopped";

  private StateReader() {}

  static @Nullable State state(Cursor c) throws IOException {
    String version = "";
    String id = "";
    ContainerStatus status = null;
    Integer pid = 0;
    String bundle = "";
    String rootfs = "";
    String created = "";
    Map<String, String> annotations = Map.of();
    String owner = "";
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "ociVersion" -> version = c.textOrEmpty();
        case "id" -> id = c.textOrEmpty();
        case "status" -> status = ContainerStatus.of(c.word("status", STATUSES));
        case "pid" -> pid = c.integer(0, Integer.MAX_VALUE);
        case "bundle" -> bundle = c.textOrEmpty();
        case "rootfs" -> rootfs = c.textOrEmpty();
        case "created" -> created = c.textOrEmpty();
        case "annotations" -> annotations = c.map(Cursor::text);
        case "owner" -> owner = c.textOrEmpty();
        default -> c.unknown("ociVersion id status pid bundle rootfs created annotations owner");
      }
    }
    c.require("ociVersion");
    c.require("id");
    c.require("status");
    c.require("bundle");
    if (!present) {
      return null;
    }
    ContainerStatus known = status == null ? ContainerStatus.STOPPED : status;
    return new State(
        version, id, known, pid == null ? 0 : pid, bundle, rootfs, created, annotations, owner);
  }
}

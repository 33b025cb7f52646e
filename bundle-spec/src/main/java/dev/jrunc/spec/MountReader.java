package dev.jrunc.spec;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads mounts and id mappings. */
final class MountReader {
  private static final long HIGHEST_ID = 0xffffffffL;

  private MountReader() {}

  static Mount mount(Cursor c) throws IOException {
    String destination = "";
    String type = null;
    String source = null;
    List<String> options = List.of();
    List<IdMapping> uids = List.of();
    List<IdMapping> gids = List.of();
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "destination" -> destination = c.textOrEmpty();
        case "type" -> type = c.optionalText();
        case "source" -> source = c.optionalText();
        case "options" -> options = c.texts();
        case "uidMappings" -> uids = c.list(MountReader::idMapping);
        case "gidMappings" -> gids = c.list(MountReader::idMapping);
        default -> c.unknown("destination type source options uidMappings gidMappings");
      }
    }
    c.require("destination");
    return new Mount(destination, type, source, options, uids, gids);
  }

  static IdMapping idMapping(Cursor c) throws IOException {
    Long inside = 0L;
    Long outside = 0L;
    Long size = 0L;
    c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "containerID" -> inside = c.number(0, HIGHEST_ID);
        case "hostID" -> outside = c.number(0, HIGHEST_ID);
        case "size" -> size = c.number(0, HIGHEST_ID);
        default -> c.unknown("containerID hostID size");
      }
    }
    c.require("containerID");
    c.require("hostID");
    c.require("size");
    return new IdMapping(orZero(inside), orZero(outside), orZero(size));
  }

  static long orZero(@Nullable Long value) {
    return value == null ? 0 : value;
  }
}

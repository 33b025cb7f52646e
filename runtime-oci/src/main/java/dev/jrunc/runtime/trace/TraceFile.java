package dev.jrunc.runtime.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.StreamCalls;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A file of Chrome trace events, as a JSON array with an event in each line. Commands add to it one
 * after another; between two of them it is whole. It is open only while it is written, so that no
 * process of a container ever holds it.
 */
public final class TraceFile {
  private static final int FLAGS = OpenFlags.RDWR | OpenFlags.CREAT;
  private static final byte[] CLOSING = {'\n', ']', '\n'};

  private final Linux linux;
  private final String path;

  /** Makes sure that the file can be written, before anything is done that it is about. */
  public TraceFile(Linux linux, String path) {
    this.linux = linux;
    this.path = path;
    try (Descriptor file = open()) {
      if (linux.files().status(file).size() > 0 && !hasEvents(file)) {
        throw Failure.of(
                Failure.Code.ALREADY_EXISTS, "trace " + path + " is a file that holds no trace")
            .phase("open trace")
            .path(path)
            .hint("name a new file")
            .build();
      }
    }
  }

  private Descriptor open() {
    try {
      return linux.files().open(linux.currentDirectory(), path, FLAGS, 0644);
    } catch (SyscallFailed e) {
      throw Failure.system("cannot write trace " + path, e).orAt("open trace", "");
    }
  }

  /**
   * Adds the events of one command.
   *
   * @param command what the picture calls it
   */
  public void add(Trace trace, String command) {
    StringBuilder lines = new StringBuilder();
    int pid = linux.processes().pid();
    lines.append(name("process_name", pid, 0, "jrunc " + command));
    lines.append(",\n").append(name("thread_name", pid, tid(Track.COMMAND), command));
    lines.append(",\n").append(name("thread_name", pid, tid(Track.STAGE), "stage"));
    lines.append(",\n").append(name("thread_name", pid, tid(Track.CONTAINER), "container"));
    for (Timeline.Event event : trace.events()) {
      lines.append(",\n").append(line(event, pid));
    }
    write(lines.append("\n]\n").toString());
  }

  private void write(String lines) {
    try (Descriptor file = open()) {
      linux.streams().lock(file, StreamCalls.LOCK_EXCLUSIVE);
      boolean more = hasEvents(file);
      long kept = linux.files().status(file).size() - CLOSING.length;
      linux.streams().truncate(file, more ? kept : 0);
      linux.streams().seek(file, more ? kept : 0, 0);
      linux.streams().write(file, (more ? ",\n" : "[\n") + lines);
    }
  }

  private boolean hasEvents(Descriptor file) {
    long kept = linux.files().status(file).size() - CLOSING.length;
    if (kept <= 0) {
      return false;
    }
    byte[] end = new byte[CLOSING.length];
    linux.streams().seek(file, kept, 0);
    return linux.streams().read(file, end) == end.length && Arrays.equals(end, CLOSING);
  }

  private static int tid(Track track) {
    return switch (track) {
      case COMMAND -> 1;
      case STAGE -> 2;
      case CONTAINER -> 3;
    };
  }

  /** Writes the fields of one event. */
  private interface Fields {
    void write(JsonGenerator g) throws IOException;
  }

  private static String object(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator g = new JsonFactory().createGenerator(bytes)) {
      g.writeStartObject();
      fields.write(g);
      g.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String name(String kind, int pid, int tid, String name) {
    return object(g -> {
      g.writeStringField("name", kind);
      g.writeStringField("ph", "M");
      g.writeNumberField("pid", pid);
      g.writeNumberField("tid", tid);
      g.writeObjectFieldStart("args");
      g.writeStringField("name", name);
      g.writeEndObject();
    });
  }

  private static String line(Timeline.Event event, int pid) {
    return object(g -> {
      g.writeStringField("name", event.name());
      g.writeStringField("cat", "jrunc");
      g.writeStringField("ph", "X");
      g.writeNumberField("pid", pid);
      g.writeNumberField("tid", tid(event.track()));
      micros(g, "ts", event.start());
      micros(g, "dur", Math.max(0, event.end() - event.start()));
      g.writeObjectFieldStart("args");
      if (!event.pointer().isEmpty()) {
        g.writeStringField("pointer", event.pointer());
      }
      g.writeEndObject();
    });
  }

  private static void micros(JsonGenerator g, String name, long nanos) throws IOException {
    String rest = Long.toString(1000 + nanos % 1000).substring(1);
    g.writeFieldName(name);
    g.writeNumber(nanos / 1000 + "." + rest);
  }
}

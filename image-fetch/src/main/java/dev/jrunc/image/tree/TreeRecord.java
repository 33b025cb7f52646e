package dev.jrunc.image.tree;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.jrunc.kernel.DeviceNumber;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what becomes of a tree while it is unpacked, one JSON object a line in the order of
 * the changes, so that {@link TreeManifest} can tell later what ought to be there.
 *
 * <pre>
 *   {"layer":2}                       from here on the second layer speaks
 *   {"path":"etc","kind":"d",...}     made, or given new attributes
 *   {"path":"b","same":"a"}           another name of a file that is there
 *   {"gone":"etc/x"}                  with all below it
 *   {"emptied":"etc"}                 of what lower layers had in it
 * </pre>
 *
 * Names are bytes, each a character of ISO-8859-1. The digest of a file comes later than its line,
 * from whoever writes the content; lines wait for it.
 */
public final class TreeRecord implements AutoCloseable {
  private static final JsonFactory JSON = new JsonFactory();

  private final @Nullable OutputStream out;
  private final Deque<Line> waiting = new ArrayDeque<>();

  private TreeRecord(@Nullable OutputStream out) {
    this.out = out;
  }

  public static TreeRecord to(OutputStream out) {
    return new TreeRecord(new BufferedOutputStream(out, 1 << 16));
  }

  /** Keeps nothing. */
  public static TreeRecord none() {
    return new TreeRecord(null);
  }

  /** The place of a file whose content is being written. */
  public final class Line {
    private @Nullable String text;
    private final String path;
    private final FileFacts facts;

    private Line(String path, FileFacts facts) {
      this.path = path;
      this.facts = facts;
    }

    /** The content is written. May be called by any thread. */
    public void written(long length, String sha256) {
      String line = line(path, facts.withContent(length, sha256));
      synchronized (waiting) {
        text = line;
      }
    }
  }

  public void layer(int number) {
    put(generator -> generator.writeNumberField("layer", number));
  }

  /** A file, its content to come. */
  public @Nullable Line file(String path, FileFacts facts) {
    if (out == null) {
      return null;
    }
    Line line = new Line(path, facts);
    add(line);
    return line;
  }

  /** Anything without content. */
  public void made(String path, FileFacts facts) {
    if (out != null) {
      addText(line(path, facts));
    }
  }

  /** A folder that no layer names, but one puts something in it. */
  public void implied(String path) {
    made(
        path,
        new FileFacts('d', 0755, 0, 0, 0, null, new DeviceNumber(0, 0), "", Map.of(), "", ""));
  }

  public void linked(String path, String target) {
    put(generator -> {
      generator.writeStringField("path", path);
      generator.writeStringField("same", target);
    });
  }

  public void gone(String path) {
    put(generator -> generator.writeStringField("gone", path));
  }

  public void emptied(String path) {
    put(generator -> generator.writeStringField("emptied", path));
  }

  /** Writes what is complete. */
  public void flush() throws IOException {
    if (out == null) {
      return;
    }
    synchronized (waiting) {
      for (Line first; (first = waiting.peek()) != null && first.text != null; waiting.remove()) {
        out.write(first.text.getBytes(StandardCharsets.UTF_8));
        out.write('\n');
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (out != null) {
      flush();
      out.close();
    }
  }

  private interface Fields {
    void write(JsonGenerator generator) throws IOException;
  }

  private void put(Fields fields) {
    if (out != null) {
      addText(object(fields));
    }
  }

  private void addText(String text) {
    Line line = new Line("", NOTHING);
    line.text = text;
    add(line);
  }

  private static final FileFacts NOTHING =
      new FileFacts('-', 0, 0, 0, 0, null, new DeviceNumber(0, 0), "", Map.of(), "", "");

  private void add(Line line) {
    synchronized (waiting) {
      waiting.add(line);
    }
    try {
      flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String line(String path, FileFacts facts) {
    return object(generator -> {
      generator.writeStringField("path", path);
      generator.writeStringField("kind", String.valueOf(facts.kind()));
      generator.writeNumberField("mode", facts.mode());
      generator.writeNumberField("uid", facts.uid());
      generator.writeNumberField("gid", facts.gid());
      if (facts.kind() == '-') {
        generator.writeNumberField("size", facts.size());
        generator.writeStringField("sha256", facts.sha256());
      }
      if (facts.modified() != null) {
        generator.writeNumberField("mtime", facts.modified().seconds());
        generator.writeNumberField("nsec", facts.modified().nanoseconds());
      }
      if (facts.kind() == 'l') {
        generator.writeStringField("target", facts.target());
      }
      if (facts.kind() == 'c' || facts.kind() == 'b') {
        generator.writeNumberField("major", facts.device().major());
        generator.writeNumberField("minor", facts.device().minor());
      }
      if (!facts.extended().isEmpty()) {
        generator.writeObjectFieldStart("xattrs");
        for (Map.Entry<String, byte[]> each : facts.extended().entrySet()) {
          generator.writeBinaryField(each.getKey(), each.getValue());
        }
        generator.writeEndObject();
      }
    });
  }

  private static String object(Fields fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(text)) {
      generator.writeStartObject();
      fields.write(generator);
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}

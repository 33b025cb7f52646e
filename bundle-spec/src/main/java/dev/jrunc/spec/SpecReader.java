package dev.jrunc.spec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads config.json and the documents that hold a part of it. Everything that is wrong is collected
 * in one pass: wrong types, numbers out of range, unknown values, keys given twice, and then what
 * {@link SpecValidator} finds across fields. A document that is no JSON has one violation.
 */
public final class SpecReader {
  private static final int DEEPEST_NESTING = 64;
  private static final String KNOWN =
      "ociVersion process root hostname domainname mounts hooks annotations linux solaris windows vm"
          + " zos freebsd";

  private SpecReader() {}

  /** Reads a whole config.json and checks it against itself. */
  public static SpecReading<Spec> readConfig(byte[] document) {
    SpecReading<Spec> reading = read(document, SpecReader::spec);
    Spec spec = reading.spec();
    if (spec == null) {
      return reading;
    }
    List<Violation> violations = new ArrayList<>(reading.violations());
    violations.addAll(SpecValidator.validate(spec, reading.violations()));
    return new SpecReading<>(spec, violations, reading.notes());
  }

  /** Reads the document that {@code exec --process} takes: a process by itself. */
  public static SpecReading<Process> readProcess(byte[] document) {
    return read(document, ProcessReader::process);
  }

  /** Reads the document that {@code update --resources} takes: resources by themselves. */
  public static SpecReading<Resources> readResources(byte[] document) {
    return read(document, ResourcesReader::resources);
  }

  private static <T> SpecReading<T> read(byte[] document, Cursor.Element<T> reader) {
    Cursor cursor = null;
    try (JsonParser parser = parser(document)) {
      cursor = new Cursor(parser);
      T value = reader.read(cursor);
      if (parser.nextToken() != null) {
        cursor.violation("something follows the end of the document", "");
      }
      return new SpecReading<>(value, cursor.violations(), cursor.notes());
    } catch (JsonProcessingException e) {
      List<Violation> all = new ArrayList<>(cursor == null ? List.of() : cursor.violations());
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      String pointer = cursor == null ? "" : cursor.pointer();
      all.add(new Violation(pointer, line, column, e.getOriginalMessage(), ""));
      return new SpecReading<>(null, all, List.of());
    } catch (IOException e) {
      // Bytes in memory cannot fail to be read; what is left is malformed UTF-8 and UTF-32.
      Violation violation = new Violation("", 0, 0, String.valueOf(e.getMessage()), "");
      return new SpecReading<>(null, List.of(violation), List.of());
    }
  }

  private static JsonParser parser(byte[] document) throws IOException {
    return JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .streamReadConstraints(
            StreamReadConstraints.builder().maxNestingDepth(DEEPEST_NESTING).build())
        .build()
        .createParser(document);
  }

  private static @Nullable Spec spec(Cursor c) throws IOException {
    String version = "";
    Process process = null;
    Root root = null;
    String hostname = null;
    String domainname = null;
    List<Mount> mounts = List.of();
    Hooks hooks = Hooks.NONE;
    Map<String, String> annotations = Map.of();
    Linux linux = null;
    if (!c.enter()) {
      c.field();
      return null;
    }
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "ociVersion" -> version = c.textOrEmpty();
        case "process" -> process = ProcessReader.process(c);
        case "root" -> root = root(c);
        case "hostname" -> hostname = c.text();
        case "domainname" -> domainname = c.text();
        case "mounts" -> mounts = c.list(MountReader::mount);
        case "hooks" -> hooks = HooksReader.hooks(c);
        case "annotations" -> annotations = c.map(Cursor::text);
        case "linux" -> linux = LinuxReader.linux(c);
        case "solaris", "windows", "vm", "zos", "freebsd" -> c.skip();
        default -> c.unknown(KNOWN);
      }
    }
    return new Spec(
        version, process, root, hostname, domainname, mounts, hooks, annotations, linux);
  }

  private static @Nullable Root root(Cursor c) throws IOException {
    String path = "";
    boolean readonly = false;
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "path" -> path = c.textOrEmpty();
        case "readonly" -> readonly = c.flag();
        default -> c.unknown("path readonly");
      }
    }
    return present ? new Root(path, readonly) : null;
  }
}

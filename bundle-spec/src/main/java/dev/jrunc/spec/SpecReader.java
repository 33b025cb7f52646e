package dev.jrunc.spec;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
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
  private static final String KNOWN =
      "ociVersion process root hostname domainname mounts hooks annotations linux solaris windows vm"
          + " zos freebsd";

  private SpecReader() {}

  /** Reads a whole config.json and checks it against itself. */
  public static SpecReading<Spec> readConfig(byte[] document) {
    return read(document, SpecReader::spec, SpecValidator::validate);
  }

  /** Reads the document that {@code exec --process} takes: a process by itself. */
  public static SpecReading<Process> readProcess(byte[] document) {
    return read(
        document,
        ProcessReader::process,
        (process, found) -> ProcessRules.check(process, "", found));
  }

  /** Reads the document that {@code update --resources} takes: resources by themselves. */
  public static SpecReading<Resources> readResources(byte[] document) {
    return read(
        document,
        ResourcesReader::resources,
        (resources, found) -> ResourcesRules.check(resources, "", found));
  }

  /** Reads what {@code state} prints and hooks are handed. */
  public static SpecReading<State> readState(byte[] document) {
    return read(document, StateReader::state, (state, found) -> {});
  }

  /** The shape of a config alone: types, ranges, words and required fields. */
  static SpecReading<Spec> readShape(byte[] document) {
    return read(document, SpecReader::spec, (spec, found) -> {});
  }

  /** Checks what was read. */
  private interface Rules<T> {
    void check(T value, Findings findings);
  }

  private static <T> SpecReading<T> read(
      byte[] document, Cursor.Element<T> reader, Rules<T> rules) {
    Violation refusal = JsonText.refusal(document);
    if (refusal != null) {
      return new SpecReading<>(null, List.of(refusal), List.of(), false);
    }
    Findings findings = new Findings();
    T value = parse(document, reader, findings);
    findings.endOfReading();
    boolean complete = value != null && findings.violations().isEmpty();
    // Where not all is listed, rules would judge values that could not be read.
    if (value != null && findings.unlisted() == 0) {
      rules.check(value, findings);
    }
    List<Violation> violations = new ArrayList<>(placed(findings.violations(), document));
    if (findings.unlisted() > 0) {
      String message = findings.unlisted() + " more violations are not listed";
      violations.add(new Violation("", 0, 0, message, ""));
    }
    return new SpecReading<>(value, violations, placed(findings.notes(), document), complete);
  }

  private static <T> @Nullable T parse(
      byte[] document, Cursor.Element<T> reader, Findings findings) {
    try (JsonParser parser = JsonText.parser(document)) {
      T value = reader.read(new Cursor(parser, findings));
      if (parser.nextToken() != null) {
        int line = parser.currentTokenLocation().getLineNr();
        int column = parser.currentTokenLocation().getColumnNr();
        findings.violation(
            new Violation("", line, column, "something follows the end of the document", ""));
      }
      return value;
    } catch (JsonProcessingException e) {
      findings.violation(SyntaxFault.violation(e));
    } catch (IOException e) {
      // Bytes in memory cannot fail to be read, and that they are UTF-8 was looked at before.
      findings.violation(new Violation("", 0, 0, String.valueOf(e.getMessage()), ""));
    }
    return null;
  }

  /** Gives what somebody else found in a document its lines, and the order of the document. */
  public static List<Violation> placed(List<Violation> found, byte[] document) {
    if (found.isEmpty()) {
      return found;
    }
    try (JsonParser parser = JsonText.parser(document)) {
      return Positions.inOrder(found, parser);
    } catch (IOException e) {
      // Only the place is unknown then, and the fault itself is among what was found.
      return found;
    }
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
    boolean present = c.enter();
    for (String field; (field = c.field()) != null; ) {
      switch (field) {
        case "ociVersion" -> version = c.textOrEmpty();
        case "process" -> process = ProcessReader.process(c);
        case "root" -> root = root(c);
        case "hostname" -> hostname = c.optionalText();
        case "domainname" -> domainname = c.optionalText();
        case "mounts" -> mounts = c.list(MountReader::mount);
        case "hooks" -> hooks = HooksReader.hooks(c);
        case "annotations" -> annotations = c.map(Cursor::text);
        case "linux" -> linux = LinuxReader.linux(c);
        case "solaris", "windows", "vm", "zos", "freebsd" -> c.skip();
        default -> c.unknown(KNOWN);
      }
    }
    c.require("ociVersion");
    return present
        ? new Spec(version, process, root, hostname, domainname, mounts, hooks, annotations, linux)
        : null;
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
    c.require("path");
    return present ? new Root(path, readonly) : null;
  }
}

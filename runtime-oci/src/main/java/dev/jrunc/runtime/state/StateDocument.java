package dev.jrunc.runtime.state;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.jrunc.runtime.rdt.RdtGroup;
import dev.jrunc.spec.WholeNumber;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** state.json: the names are runc's where runc has one for the same thing. */
final class StateDocument {
  private StateDocument() {}

  static byte[] write(ContainerState state) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator g = new JsonFactory().createGenerator(bytes)) {
      g.writeStartObject();
      g.writeStringField("id", state.id());
      g.writeNumberField("init_process_pid", state.init().pid());
      g.writeNumberField("init_process_start", state.init().startTime());
      g.writeStringField("created", state.created());
      g.writeStringField("bundle", state.bundle());
      g.writeStringField("rootfs", state.rootfs());
      g.writeNumberField("owner", state.owner());
      g.writeStringField("oci_version", state.ociVersion());
      write(g, "cgroup_paths", state.cgroupPaths());
      if (!state.unit().isEmpty()) {
        g.writeStringField("systemd_unit", state.unit());
      }
      if (!state.keyrings()) {
        g.writeNumberField("no_new_keyring", 1);
      }
      if (state.rdt() != null) {
        write(g, state.rdt());
      }
      write(g, "annotations", state.annotations());
      g.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator g, RdtGroup group) throws IOException {
    g.writeStringField("intel_rdt_path", group.path());
    g.writeNumberField("intel_rdt_made", group.made() ? 1 : 0);
    if (group.monitoring() != null) {
      g.writeStringField("intel_rdt_monitoring", group.monitoring());
    }
  }

  private static void write(JsonGenerator g, String name, Map<String, String> map)
      throws IOException {
    g.writeObjectFieldStart(name);
    for (Map.Entry<String, String> entry : map.entrySet()) {
      g.writeStringField(entry.getKey(), entry.getValue());
    }
    g.writeEndObject();
  }

  /** Null where the document is not one that {@link #write} wrote. */
  static @Nullable ContainerState read(byte[] document) {
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, Long> numbers = new LinkedHashMap<>();
    Map<String, String> cgroups = new LinkedHashMap<>();
    Map<String, String> annotations = new LinkedHashMap<>();
    try (JsonParser p = new JsonFactory().createParser(document)) {
      if (p.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (p.nextToken() == JsonToken.FIELD_NAME) {
        String name = p.currentName();
        JsonToken token = p.nextToken();
        if (token == JsonToken.VALUE_STRING) {
          texts.put(name, p.getText());
        } else if (token == JsonToken.VALUE_NUMBER_INT) {
          Long number = WholeNumber.signed(p);
          if (number == null) {
            return null;
          }
          numbers.put(name, number);
        } else if (token == JsonToken.START_OBJECT) {
          read(p, name.equals("cgroup_paths") ? cgroups : annotations);
        } else {
          return null;
        }
      }
    } catch (IOException e) {
      return null;
    }
    Long pid = numbers.get("init_process_pid");
    Long start = numbers.get("init_process_start");
    String id = texts.get("id");
    String bundle = texts.get("bundle");
    if (pid == null || start == null || id == null || bundle == null) {
      return null;
    }
    return new ContainerState(
        id,
        new ProcessIdentity(pid.intValue(), start),
        texts.getOrDefault("created", ""),
        bundle,
        texts.getOrDefault("rootfs", ""),
        numbers.getOrDefault("owner", 0L),
        cgroups,
        texts.getOrDefault("systemd_unit", ""),
        numbers.getOrDefault("no_new_keyring", 0L) == 0,
        rdt(texts, numbers),
        annotations,
        texts.getOrDefault("oci_version", ""));
  }

  private static @Nullable RdtGroup rdt(Map<String, String> texts, Map<String, Long> numbers) {
    String path = texts.get("intel_rdt_path");
    return path == null
        ? null
        : new RdtGroup(
            path,
            numbers.getOrDefault("intel_rdt_made", 0L) == 1,
            texts.get("intel_rdt_monitoring"));
  }

  private static void read(JsonParser p, Map<String, String> target) throws IOException {
    while (p.nextToken() == JsonToken.FIELD_NAME) {
      String key = p.currentName();
      p.nextToken();
      target.put(key, p.getText());
    }
  }
}

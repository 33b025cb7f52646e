package dev.jrunc.runtime.network;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Errno;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.spec.JsonOutput;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a container's network, in a file of its folder that only containers with
 * {@code --network} have. It is written before anything is made, and again with what was made.
 *
 * @param values texts by name; {@code mode} is always there
 */
public record NetworkRecord(Map<String, String> values) {
  public static final String FILE = "network.json";

  static final String MODE = "mode";
  static final String NAME = "name";
  static final String LINK = "link";
  static final String DEVICE = "device";
  static final String ADDRESSES = "addresses";
  static final String MAC = "mac";
  static final String PORTS = "ports";
  static final String PID = "pid";
  static final String START = "start";
  static final String CNI_CONFIG = "cniConfig";
  static final String CNI_RESULT = "cniResult";
  static final String CNI_PATH = "cniPath";
  static final String CNI_CAPABILITIES = "cniCapabilities";

  private static final int LARGEST = 4 << 20;

  public NetworkRecord {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  static NetworkRecord of(NetworkRequest request) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put(MODE, request.mode().word());
    if (!request.name().isEmpty()) {
      values.put(NAME, request.name());
    }
    if (!request.ports().isEmpty()) {
      values.put(PORTS, PublishedPort.written(request.ports()));
    }
    return new NetworkRecord(values);
  }

  NetworkRecord with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(values);
    more.put(name, value);
    return new NetworkRecord(more);
  }

  /** The value of a name, empty if there is none. */
  public String value(String name) {
    return values.getOrDefault(name, "");
  }

  void write(Linux linux, Descriptor folder) {
    byte[] document =
        JsonOutput.document(
            "  ",
            out -> {
              for (Map.Entry<String, String> value : values.entrySet()) {
                out.required(value.getKey(), value.getValue());
              }
            });
    String temporary = "." + FILE + ".new";
    int flags = OpenFlags.WRONLY | OpenFlags.CREAT | OpenFlags.TRUNC | OpenFlags.NOFOLLOW;
    try (Descriptor file = linux.files().open(folder, temporary, flags, 0600)) {
      linux.streams().write(file, document);
    }
    linux.files().rename(folder, temporary, folder, FILE);
  }

  /** What a container's folder has; null where it was made without {@code --network}. */
  public static @Nullable NetworkRecord read(Linux linux, Descriptor folder) {
    int flags = OpenFlags.RDONLY | OpenFlags.NOFOLLOW | OpenFlags.NONBLOCK;
    long opened = linux.files().openRaw(folder, FILE, flags, 0);
    if (opened == -Errno.ENOENT) {
      return null;
    }
    if (opened < 0) {
      throw new SyscallFailed(dev.jrunc.kernel.SystemCall.OPENAT, FILE, (int) -opened);
    }
    try (Descriptor file = new Descriptor(linux.gate(), (int) opened)) {
      return parse(linux.streams().readAll(file, LARGEST));
    }
  }

  static NetworkRecord parse(byte[] document) {
    Map<String, String> values = new LinkedHashMap<>();
    try (JsonParser p = new JsonFactory().createParser(document)) {
      boolean sound = p.nextToken() == JsonToken.START_OBJECT;
      while (sound && p.nextToken() == JsonToken.FIELD_NAME) {
        String name = p.currentName();
        sound = p.nextToken() == JsonToken.VALUE_STRING;
        values.put(name, p.getText());
      }
      if (sound && values.containsKey(MODE)) {
        return new NetworkRecord(values);
      }
    } catch (IOException e) {
      throw damaged();
    }
    throw damaged();
  }

  private static Failure damaged() {
    return NetworkFailure.of(
        Failure.Code.SYSTEM,
        "the record of the container's network, " + FILE + ", is damaged",
        "\"jrunc delete --force\" and then \"jrunc network prune\" clean up without it");
  }
}

package dev.jrunc.runtime.network.cni;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.OpenFlags;
import dev.jrunc.kernel.SyscallFailed;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of one network: specification, section 1. A file with a single plugin, the form
 * before 0.3.0, is a list of one.
 *
 * @param version of the specification, for every plugin of the list
 * @param plugins their configurations as they are in the file
 */
public record CniConfig(
    String name, String version, boolean disableCheck, List<Json.Fields> plugins) {
  public static final String DEFAULT_FOLDER = "/etc/cni/net.d";

  /** Those whose protocol is spoken here. */
  private static final List<String> VERSIONS = List.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");

  private static final int LARGEST = 1 << 20;

  public CniConfig {
    plugins = List.copyOf(plugins);
  }

  /** Finds a network by its name in the files of a folder, in the order of their names. */
  static CniConfig find(Linux linux, String folder, String network) {
    List<String> broken = new ArrayList<>();
    for (String file : files(linux, folder)) {
      String path = folder + "/" + file;
      Json document = Json.parse(read(linux, path));
      if (!(document instanceof Json.Fields fields)) {
        broken.add(path);
      } else if (fields.text("name").equals(network)) {
        return of(path, fields);
      }
    }
    throw Failure.of(Failure.Code.NOT_FOUND, "no CNI network \"" + network + "\" in " + folder)
        .phase("add to cni network")
        .path(folder)
        .hint(
            broken.isEmpty()
                ? "a file NAME.conflist with \"name\": \""
                    + network
                    + "\" makes it;"
                    + " CNI_CONF_DIR names another folder"
                : broken.get(0) + " is not JSON, and may be the one")
        .build();
  }

  private static List<String> files(Linux linux, String folder) {
    List<String> names = new ArrayList<>();
    int flags = OpenFlags.RDONLY | OpenFlags.DIRECTORY;
    try (Descriptor opened = linux.files().open(linux.currentDirectory(), folder, flags, 0)) {
      for (String name : linux.files().list(opened)) {
        if (name.endsWith(".conflist") || name.endsWith(".conf") || name.endsWith(".json")) {
          names.add(name);
        }
      }
    } catch (SyscallFailed e) {
      throw Failure.system("cannot read the folder of CNI networks " + folder, e);
    }
    Collections.sort(names);
    return names;
  }

  private static String read(Linux linux, String path) {
    try (Descriptor file =
        linux.files().open(linux.currentDirectory(), path, OpenFlags.RDONLY, 0)) {
      return Utf8.decode(linux.streams().readAll(file, LARGEST));
    } catch (SyscallFailed e) {
      throw Failure.system("cannot read " + path, e);
    }
  }

  /** Reads a configuration; {@code path} is for failures. */
  static CniConfig of(String path, Json.Fields fields) {
    List<Json.Fields> plugins = fields.objects("plugins");
    if (plugins.isEmpty() && !fields.text("type").isEmpty()) {
      plugins = List.of(fields);
    }
    String version = version(fields);
    if (version == null) {
      throw invalid(
          path,
          "version \"" + fields.text("cniVersion") + "\" of CNI is not supported",
          "jrunc speaks " + String.join(", ", VERSIONS));
    }
    if (plugins.isEmpty()) {
      throw invalid(path, "it lists no plugins", "\"plugins\": [{\"type\": \"bridge\", ...}]");
    }
    for (Json.Fields plugin : plugins) {
      String type = plugin.text("type");
      if (type.isEmpty() || type.indexOf('/') >= 0 || type.startsWith(".")) {
        throw invalid(
            path, "\"" + type + "\" is not the name of a plugin", "a plugin has a \"type\"");
      }
    }
    return new CniConfig(fields.text("name"), version, fields.on("disableCheck"), plugins);
  }

  // Version 1.1: "cniVersions" lists what may be chosen from; the highest known is.
  private static @Nullable String version(Json.Fields fields) {
    String only = fields.text("cniVersion");
    String best = null;
    for (String known : VERSIONS) {
      if (known.equals(only)) {
        best = known;
      }
      if (fields.get("cniVersions") instanceof Json.Items items) {
        for (Json item : items.values()) {
          if (item instanceof Json.Text text && text.value().equals(known)) {
            best = known;
          }
        }
      }
    }
    return best;
  }

  private static Failure invalid(String path, String reason, String hint) {
    return Failure.of(
            Failure.Code.INVALID_CONFIG,
            "the CNI configuration " + path + " cannot be used: " + reason)
        .phase("add to cni network")
        .path(path)
        .hint(hint)
        .build();
  }

  boolean hasCapability(String name) {
    for (Json.Fields plugin : plugins) {
      if (plugin.object("capabilities").on(name)) {
        return true;
      }
    }
    return false;
  }

  /** Whether the version knows a command, see the changes of 0.4.0 and 1.1.0. */
  boolean knows(String command) {
    return switch (command) {
      case "CHECK" -> !version.startsWith("0.3.");
      case "STATUS", "GC" -> version.equals("1.1.0");
      default -> true;
    };
  }

  /** The configuration as one document, to be kept with the container. */
  Json.Fields written() {
    Json.Fields fields = new Json.Fields(new java.util.LinkedHashMap<>());
    List<Json> all = new ArrayList<>(plugins);
    fields = fields.with("cniVersion", new Json.Text(version)).with("name", new Json.Text(name));
    fields = fields.with("disableCheck", new Json.Plain(disableCheck ? "true" : "false"));
    return fields.with("plugins", new Json.Items(all));
  }
}

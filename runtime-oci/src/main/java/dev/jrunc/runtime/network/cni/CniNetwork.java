package dev.jrunc.runtime.network.cni;

import dev.jrunc.kernel.Linux;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.HelperProgram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs the plugins of one network for one container: specification, sections 2 to 4. ADD goes down
 * the list and hands the result of each plugin to the next; DEL goes up it; what was used for ADD
 * is kept by the caller and used for the others.
 */
public final class CniNetwork {
  public static final String DEFAULT_PATH = "/opt/cni/bin:/usr/lib/cni:/usr/libexec/cni";

  private static final String DEVICE = "eth0";
  private static final String PHASE = "add to cni network";
  private static final int SECONDS = 120;
  private static final int EXECUTABLE = 1;

  private final Linux linux;
  private final CniConfig config;
  private final String path;
  private final String container;
  private final Capabilities capabilities;

  /**
   * @param path folders of plugins, divided by colons
   */
  public CniNetwork(
      Linux linux, CniConfig config, String path, String container, Capabilities capabilities) {
    this.linux = linux;
    this.config = config;
    this.path = path;
    this.container = container;
    this.capabilities = capabilities;
  }

  /** Finds the network by its name. */
  public static CniConfig find(Linux linux, String folder, String network) {
    return CniConfig.find(linux, folder, network);
  }

  /** The configuration that was kept. */
  public static CniConfig kept(String document) {
    Json json = Json.parse(document);
    if (json instanceof Json.Fields fields) {
      return CniConfig.of("kept for the container", fields);
    }
    throw Failure.of(Failure.Code.SYSTEM, "the CNI configuration kept for the container is damaged")
        .phase("remove from cni network")
        .build();
  }

  /** The configuration to keep for CHECK and DEL. */
  public static String written(CniConfig config) {
    return config.written().written();
  }

  /**
   * What ADD gave.
   *
   * @param result to be kept for CHECK and DEL
   * @param resolver content of resolv.conf, empty where no plugin named a server
   */
  public record Added(String result, String resolver, List<String> addresses) {}

  /** All that can be known to be missing before anything is made. */
  public void require() {
    capabilities.require(config);
    for (Json.Fields plugin : config.plugins()) {
      executable(plugin.text("type"));
    }
    if (config.knows("STATUS")) {
      for (Json.Fields plugin : config.plugins()) {
        failIf("STATUS", plugin, run("STATUS", plugin, "", null));
      }
    }
  }

  /** Runs ADD; if a plugin fails, what the others have made is taken back. */
  public Added add(String namespace) {
    Json.@Nullable Fields result = null;
    for (Json.Fields plugin : config.plugins()) {
      HelperProgram.Outcome outcome = run("ADD", plugin, namespace, result);
      Json said = Json.parse(outcome.out());
      if (!outcome.went() || !(said instanceof Json.Fields fields)) {
        delete(namespace, result == null ? "" : result.written());
        throw failure("ADD", plugin, outcome);
      }
      result = fields;
    }
    Json.Fields last = result == null ? new Json.Fields(new LinkedHashMap<>()) : result;
    List<String> addresses = new ArrayList<>();
    for (Json.Fields ip : last.objects("ips")) {
      addresses.add(ip.text("address"));
    }
    return new Added(last.written(), resolver(last.object("dns")), addresses);
  }

  private static String resolver(Json.Fields dns) {
    StringBuilder text = new StringBuilder();
    if (dns.get("nameservers") instanceof Json.Items servers) {
      for (Json server : servers.values()) {
        text.append(server instanceof Json.Text t ? "nameserver " + t.value() + "\n" : "");
      }
    }
    if (text.isEmpty()) {
      return "";
    }
    if (!dns.text("domain").isEmpty()) {
      text.append("domain ").append(dns.text("domain")).append('\n');
    }
    line(text, "search", dns.get("search"));
    line(text, "options", dns.get("options"));
    return text.toString();
  }

  private static void line(StringBuilder text, String word, @Nullable Json list) {
    if (list instanceof Json.Items items && !items.values().isEmpty()) {
      text.append(word);
      for (Json item : items.values()) {
        text.append(item instanceof Json.Text t ? " " + t.value() : "");
      }
      text.append('\n');
    }
  }

  /** Asks each plugin whether all is still as it made it. */
  public void check(String namespace, String result) {
    if (!config.knows("CHECK") || config.disableCheck()) {
      throw Failure.of(
              Failure.Code.UNSUPPORTED, "CNI network \"" + config.name() + "\" cannot be checked")
          .phase("check network")
          .hint("it takes cniVersion 0.4.0 or newer, and no disableCheck")
          .build();
    }
    for (Json.Fields plugin : config.plugins()) {
      failIf("CHECK", plugin, run("CHECK", plugin, namespace, previous(result)));
    }
  }

  /**
   * Runs DEL from the last plugin to the first; one that fails does not keep the others from it.
   *
   * @param namespace empty where it is gone
   * @return why not all was taken away, empty if it was
   */
  public String delete(String namespace, String result) {
    StringBuilder reasons = new StringBuilder();
    for (int i = config.plugins().size() - 1; i >= 0; i--) {
      Json.Fields plugin = config.plugins().get(i);
      // Before 0.4.0 DEL was not told the result.
      Json.Fields previous = config.knows("CHECK") ? previous(result) : null;
      try {
        HelperProgram.Outcome outcome = run("DEL", plugin, namespace, previous);
        if (!outcome.went()) {
          reasons.append(reasons.isEmpty() ? "" : "; ");
          reasons.append(failure("DEL", plugin, outcome).getMessage());
        }
      } catch (Failure e) {
        reasons.append(reasons.isEmpty() ? "" : "; ").append(e.getMessage());
      }
    }
    return reasons.toString();
  }

  /**
   * Has each plugin take back what it still has of containers that are gone: section 2, "GC".
   *
   * @param attached the containers that are on this network: whatever else the plugins know of it
   *     goes
   */
  public void collect(List<String> attached) {
    if (!config.knows("GC")) {
      throw Failure.of(
              Failure.Code.UNSUPPORTED,
              "the plugins of CNI network \"" + config.name() + "\" know no GC")
          .phase("collect garbage")
          .hint("it takes cniVersion 1.1.0, and plugins that speak it")
          .build();
    }
    List<Json> attachments = new ArrayList<>();
    for (String id : attached) {
      attachments.add(
          new Json.Fields(new LinkedHashMap<>())
              .with("containerID", new Json.Text(id))
              .with("ifname", new Json.Text(DEVICE)));
    }
    StringBuilder reasons = new StringBuilder();
    for (Json.Fields plugin : config.plugins()) {
      Json.Fields input =
          input(plugin, null).with("cni.dev/valid-attachments", new Json.Items(attachments));
      HelperProgram.Outcome outcome = run("GC", plugin.text("type"), "", input);
      if (!outcome.went()) {
        reasons.append(reasons.isEmpty() ? "" : "; ");
        reasons.append(failure("GC", plugin, outcome).getMessage());
      }
    }
    if (!reasons.isEmpty()) {
      throw Failure.of(Failure.Code.SYSTEM, reasons.toString()).phase("collect garbage").build();
    }
  }

  private static Json.@Nullable Fields previous(String result) {
    return result.isEmpty() || !(Json.parse(result) instanceof Json.Fields fields) ? null : fields;
  }

  private HelperProgram.Outcome run(
      String command, Json.Fields plugin, String namespace, Json.@Nullable Fields previous) {
    return run(command, plugin.text("type"), namespace, input(plugin, previous));
  }

  private HelperProgram.Outcome run(
      String command, String type, String namespace, Json.Fields input) {
    String program = executable(type);
    List<String> environment =
        new ArrayList<>(List.of("CNI_COMMAND=" + command, "CNI_PATH=" + path));
    environment.add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    // Section 2: those that are about the network as a whole are told of no container.
    if (!command.equals("STATUS") && !command.equals("GC")) {
      environment.add("CNI_CONTAINERID=" + container);
      environment.add("CNI_NETNS=" + namespace);
      environment.add("CNI_IFNAME=" + DEVICE);
    }
    return new HelperProgram(linux)
        .run(program, List.of(program), environment, input.written(), SECONDS);
  }

  // Section 3: what is only for the runtime is left out, what only the runtime knows is put in.
  Json.Fields input(Json.Fields plugin, Json.@Nullable Fields previous) {
    Json.Fields input =
        plugin
            .with("capabilities", null)
            .with("cniVersion", new Json.Text(config.version()))
            .with("name", new Json.Text(config.name()));
    input = capabilities.into(input, plugin.object("capabilities"));
    return previous == null ? input : input.with("prevResult", previous);
  }

  private String executable(String type) {
    int at = 0;
    while (at <= path.length()) {
      int colon = path.indexOf(':', at);
      int end = colon < 0 ? path.length() : colon;
      String file = path.substring(at, end) + "/" + type;
      if (linux.files().accessRaw(linux.currentDirectory(), file, EXECUTABLE) == 0) {
        return file;
      }
      at = end + 1;
    }
    throw Failure.of(Failure.Code.NOT_FOUND, "no CNI plugin \"" + type + "\" in " + path)
        .phase(PHASE)
        .hint("install containernetworking-plugins, or name its folder in CNI_PATH")
        .build();
  }

  private void failIf(String command, Json.Fields plugin, HelperProgram.Outcome outcome) {
    if (!outcome.went()) {
      throw failure(command, plugin, outcome);
    }
  }

  // Section 5, "Error": a plugin says on standard output what went wrong, as JSON.
  private Failure failure(String command, Json.Fields plugin, HelperProgram.Outcome outcome) {
    String type = plugin.text("type");
    String how = outcome.went() ? "its result is no JSON object" : outcome.how();
    StringBuilder text = new StringBuilder();
    text.append("CNI plugin \"").append(type).append("\" of network \"").append(config.name());
    text.append("\" failed at ").append(command).append(": ");
    if (Json.parse(outcome.out()) instanceof Json.Fields error && !error.text("msg").isEmpty()) {
      text.append(error.text("msg"));
      text.append(error.text("details").isEmpty() ? "" : ": " + error.text("details"));
      text.append(error.get("code") instanceof Json.Plain c ? " (code " + c.raw() + ")" : "");
    } else {
      text.append(how);
    }
    text.append(outcome.errors().isEmpty() ? "" : ", output: " + outcome.errors());
    return Failure.of(Failure.Code.SYSTEM, text.toString())
        .phase(PHASE)
        .path(type)
        .hint(command.equals("ADD") ? "what the plugins before it had made was taken back" : "")
        .build();
  }
}

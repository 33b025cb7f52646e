package dev.jrunc.runtime.network.cni;

import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.Attachment;
import dev.jrunc.runtime.network.PublishedPort;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container wishes of a network's plugins: CNI's conventions, "Dynamic plugin specific
 * fields". A plugin is told those that its configuration names as its capabilities.
 *
 * @param values by the name of the capability
 */
public record Capabilities(Json.Fields values) {

  /** Those of a request. */
  public static Capabilities of(List<PublishedPort> ports, Attachment wishes) {
    Map<String, Json> values = new LinkedHashMap<>();
    if (!ports.isEmpty()) {
      values.put("portMappings", mappings(ports));
    }
    if (!wishes.addresses().isEmpty()) {
      values.put("ips", texts(wishes.addresses()));
    }
    if (!wishes.mac().isEmpty()) {
      values.put("mac", new Json.Text(wishes.mac()));
    }
    if (!wishes.aliases().isEmpty()) {
      values.put("aliases", texts(wishes.aliases()));
    }
    Map<String, Json> bandwidth = new LinkedHashMap<>();
    rate(bandwidth, "ingress", wishes.ingress());
    rate(bandwidth, "egress", wishes.egress());
    if (!bandwidth.isEmpty()) {
      values.put("bandwidth", new Json.Fields(bandwidth));
    }
    return new Capabilities(new Json.Fields(values));
  }

  /** Those that were kept. */
  public static Capabilities kept(String document) {
    if (document.isEmpty()) {
      return new Capabilities(new Json.Fields(new LinkedHashMap<>()));
    }
    if (Json.parse(document) instanceof Json.Fields fields) {
      return new Capabilities(fields);
    }
    throw Failure.of(Failure.Code.SYSTEM, "the CNI capabilities kept for the container are damaged")
        .phase("remove from cni network")
        .build();
  }

  /** As they are kept. */
  public String written() {
    return values.written();
  }

  /** A plugin's configuration with those that it names. */
  Json.Fields into(Json.Fields input, Json.Fields capabilities) {
    Json.Fields runtime = input.object("runtimeConfig");
    boolean any = false;
    for (Map.Entry<String, Json> value : values.values().entrySet()) {
      if (capabilities.on(value.getKey())) {
        runtime = runtime.with(value.getKey(), value.getValue());
        any = true;
      }
    }
    return any ? input.with("runtimeConfig", runtime) : input;
  }

  /** Fails unless each is one of some plugin: a wish that nobody hears must not be lost. */
  void require(CniConfig config) {
    for (String name : values.values().keySet()) {
      if (!config.hasCapability(name)) {
        throw Failure.of(
                Failure.Code.UNSUPPORTED,
                "no plugin of CNI network \"" + config.name() + "\" " + does(name))
            .phase("add to cni network")
            .hint(
                "one that can takes \"capabilities\": {\""
                    + name
                    + "\": true} in its configuration, such as "
                    + example(name))
            .build();
      }
    }
  }

  private static String does(String name) {
    return switch (name) {
      case "portMappings" -> "publishes ports";
      case "ips" -> "takes addresses";
      case "mac" -> "takes a hardware address";
      case "aliases" -> "takes aliases";
      default -> "limits bandwidth";
    };
  }

  private static String example(String name) {
    return switch (name) {
      case "portMappings" -> "portmap";
      case "ips" -> "one with ipam of type host-local or static";
      case "mac" -> "tuning or bridge";
      case "aliases" -> "dnsname";
      default -> "bandwidth";
    };
  }

  private static Json texts(List<String> words) {
    List<Json> items = new ArrayList<>();
    for (String word : words) {
      items.add(new Json.Text(word));
    }
    return new Json.Items(items);
  }

  private static void rate(
      Map<String, Json> bandwidth, String way, Attachment.@Nullable Rate rate) {
    if (rate != null) {
      bandwidth.put(way + "Rate", new Json.Plain(Long.toString(rate.bits())));
      bandwidth.put(way + "Burst", new Json.Plain(Long.toString(rate.burst())));
    }
  }

  private static Json mappings(List<PublishedPort> ports) {
    List<Json> mappings = new ArrayList<>();
    for (PublishedPort port : ports) {
      Json.Fields mapping =
          new Json.Fields(new LinkedHashMap<>())
              .with("hostPort", new Json.Plain(Integer.toString(port.hostPort())))
              .with("containerPort", new Json.Plain(Integer.toString(port.containerPort())))
              .with("protocol", new Json.Text(port.protocol().word()));
      if (port.address() != null) {
        mapping = mapping.with("hostIP", new Json.Text(port.address().toString()));
      }
      mappings.add(mapping);
    }
    return new Json.Items(mappings);
  }
}

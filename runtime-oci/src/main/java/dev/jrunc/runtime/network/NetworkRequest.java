package dev.jrunc.runtime.network;

import dev.jrunc.runtime.error.Failure;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --network} and the flags beside it ask for.
 *
 * @param name of the bridge, path of the namespace, id of the container or name of the CNI network;
 *     empty where the mode has none
 * @param subnets of a bridge that is made, empty for jrunc's choice
 * @param attachment what is wished of the container's device
 */
public record NetworkRequest(
    Mode mode,
    String name,
    List<PublishedPort> ports,
    List<Subnet> subnets,
    Attachment attachment) {
  /** The bridge that is meant where none is named. */
  public static final String DEFAULT_BRIDGE = "jrunc0";

  private static final String WORDS =
      "none, host, bridge[:NAME], ns:PATH, container:ID, cni:NAME, pasta or slirp4netns";

  /** The network as a whole. */
  public enum Mode {
    /** Nothing was asked for: what config.json says. */
    AS_CONFIGURED(""),
    NONE("none"),
    HOST("host"),
    BRIDGE("bridge"),
    NAMESPACE("ns"),
    CONTAINER("container"),
    CNI("cni"),
    PASTA("pasta"),
    SLIRP4NETNS("slirp4netns");

    private final String word;

    Mode(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }

    boolean publishes() {
      return this == BRIDGE || this == CNI || this == PASTA || this == SLIRP4NETNS;
    }
  }

  public NetworkRequest {
    ports = List.copyOf(ports);
    subnets = List.copyOf(subnets);
  }

  /** Nothing was asked for. */
  public static NetworkRequest asConfigured() {
    return new NetworkRequest(Mode.AS_CONFIGURED, "", List.of(), List.of(), Attachment.ANY);
  }

  /**
   * Reads the values of the command line.
   *
   * @param network null where it was not given
   * @param subnets as given, each one or two divided by a comma
   */
  public static NetworkRequest parse(
      @Nullable String network, List<String> publish, List<String> subnets) {
    if (network == null && publish.isEmpty() && subnets.isEmpty()) {
      return asConfigured();
    }
    String text = network == null ? "" : network;
    int colon = text.indexOf(':');
    String word = colon < 0 ? text : text.substring(0, colon);
    String name = colon < 0 ? "" : text.substring(colon + 1);
    Mode mode = mode(word, colon >= 0, name);
    if (mode == null) {
      throw usage(
          network == null
              ? "--publish and --subnet need --network"
              : "invalid network mode: \"" + text + "\"",
          WORDS);
    }
    List<PublishedPort> ports = ports(mode, publish);
    List<Subnet> pools = subnets(mode, subnets);
    String full = mode == Mode.BRIDGE && name.isEmpty() ? DEFAULT_BRIDGE : name;
    if (mode == Mode.BRIDGE && !isBridgeName(full)) {
      throw usage(
          "invalid bridge name: \"" + full + "\"",
          "a letter, then letters, digits and _ - . , 15 in all at most");
    }
    return new NetworkRequest(mode, full, ports, pools, Attachment.ANY);
  }

  /** The same with wishes for the device; most can be fulfilled by plugins of CNI alone. */
  public NetworkRequest with(Attachment wishes) {
    if (mode == Mode.BRIDGE) {
      wishes.requireForBridge();
    } else if (!wishes.flag().isEmpty() && mode != Mode.CNI) {
      boolean bridge = wishes.flag().equals("--ip") || wishes.flag().equals("--mac-address");
      throw usage(
          wishes.flag() + " goes with --network " + (bridge ? "bridge or cni:NAME" : "cni:NAME"),
          "other networks give out addresses by themselves and limit nothing");
    }
    return new NetworkRequest(mode, name, ports, subnets, wishes);
  }

  private static @Nullable Mode mode(String word, boolean named, String name) {
    for (Mode mode : Mode.values()) {
      boolean takes =
          switch (mode) {
            case AS_CONFIGURED -> false;
            case NONE, HOST, PASTA, SLIRP4NETNS -> !named;
            case BRIDGE -> !named || !name.isEmpty();
            case NAMESPACE, CONTAINER, CNI -> !name.isEmpty();
          };
      if (takes && mode.word.equals(word)) {
        return mode;
      }
    }
    return null;
  }

  private static List<PublishedPort> ports(Mode mode, List<String> publish) {
    List<PublishedPort> ports = new ArrayList<>();
    for (String each : publish) {
      PublishedPort port = PublishedPort.parse(each);
      for (PublishedPort other : ports) {
        if (port.collides(other)) {
          throw usage("port " + port.hostEnd() + " is published twice", "name it once");
        }
      }
      ports.add(port);
    }
    if (!ports.isEmpty() && !mode.publishes()) {
      throw usage(
          "--network " + mode.word + " publishes no ports",
          "--publish goes with bridge, cni, pasta and slirp4netns");
    }
    return ports;
  }

  private static List<Subnet> subnets(Mode mode, List<String> given) {
    List<Subnet> subnets = new ArrayList<>();
    for (String list : given) {
      int at = 0;
      while (at <= list.length()) {
        int comma = list.indexOf(',', at);
        int end = comma < 0 ? list.length() : comma;
        subnets.add(subnet(list.substring(at, end)));
        at = end + 1;
      }
    }
    boolean two = subnets.size() == 2;
    boolean wrong = subnets.size() > 2 || (two && subnets.get(1).base().isVersion6() == false);
    boolean six = !subnets.isEmpty() && subnets.get(0).base().isVersion6();
    if (wrong || six || (!subnets.isEmpty() && mode != Mode.BRIDGE)) {
      throw usage(
          "--subnet takes one subnet of IPv4 and one of IPv6 after it, for --network bridge",
          "such as --subnet 10.20.0.0/24,fd00:20::/64");
    }
    return subnets;
  }

  private static Subnet subnet(String text) {
    Subnet subnet = Subnet.parse(text);
    if (subnet == null || subnet.size() < 1) {
      throw usage(
          "invalid subnet: \"" + text + "\"",
          "such as 10.20.0.0/24: zeros behind the prefix, and room for a container");
    }
    return subnet;
  }

  // What is a name in nft's language, in a path and for the kernel alike.
  private static boolean isBridgeName(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      boolean other = (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
      if (!letter && (i == 0 || !other)) {
        return false;
      }
    }
    return !name.isEmpty() && name.length() < 16;
  }

  private static Failure usage(String message, String hint) {
    return NetworkFailure.of(Failure.Code.USAGE, message, hint);
  }

  /** As it is written on the command line. */
  public String written() {
    return name.isEmpty() ? mode.word : mode.word + ":" + name;
  }
}

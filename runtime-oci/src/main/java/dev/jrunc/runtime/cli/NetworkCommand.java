package dev.jrunc.runtime.cli;

import dev.jrunc.kernel.Descriptor;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.Utf8;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.network.BridgeListing;
import dev.jrunc.runtime.network.BridgePruning;
import dev.jrunc.runtime.network.CniCollection;
import dev.jrunc.runtime.network.ContainerNetwork;
import dev.jrunc.runtime.network.NetworkCheck;
import dev.jrunc.runtime.network.NetworkRecord;
import dev.jrunc.runtime.network.Subnet;
import dev.jrunc.runtime.state.ContainerId;
import dev.jrunc.runtime.state.ContainerState;
import dev.jrunc.runtime.state.ContainerStore;
import dev.jrunc.spec.JsonOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code network}: what is there of bridges, and what of it nobody needs any more. */
final class NetworkCommand {
  private final Linux linux;
  private final ContainerStore store;
  private final ParsedCommand line;
  private final ContainerNetwork.CniPlaces cni;

  NetworkCommand(
      Linux linux, ContainerStore store, ParsedCommand line, ContainerNetwork.CniPlaces cni) {
    this.linux = linux;
    this.store = store;
    this.line = line;
    this.cni = cni;
  }

  void run() {
    List<String> arguments = line.arguments();
    String name = arguments.size() > 1 ? arguments.get(1) : "";
    BridgeListing bridges = new BridgeListing(linux, store.root());
    switch (arguments.get(0)) {
      case "ls" -> list(bridges.list());
      case "inspect" -> inspect(named(bridges.list(), name));
      case "prune" -> prune();
      case "check" -> check(name);
      case "gc" -> collect(name);
      default ->
          throw Failure.of(
                  Failure.Code.USAGE,
                  "Incorrect Usage. unknown action \"" + arguments.get(0) + "\"")
              .hint("jrunc network ls, inspect, check, prune or gc")
              .build();
    }
  }

  private static List<BridgeListing.Listed> named(List<BridgeListing.Listed> all, String name) {
    if (name.isEmpty()) {
      return all;
    }
    for (BridgeListing.Listed each : all) {
      if (each.bridge().equals(name)) {
        return List.of(each);
      }
    }
    throw Failure.of(Failure.Code.NOT_FOUND, "no network \"" + name + "\" below this --root")
        .hint("jrunc network ls shows those there are")
        .build();
  }

  private void list(List<BridgeListing.Listed> all) {
    if (line.on("json")) {
      print(json(all));
      return;
    }
    StringBuilder text = new StringBuilder("NAME             STATUS   CONTAINERS   SUBNETS\n");
    for (BridgeListing.Listed each : all) {
      pad(text, each.bridge(), 17);
      pad(text, each.up() ? "up" : "down", 9);
      pad(text, Integer.toString(each.members().size()), 13);
      text.append(subnets(each)).append('\n');
    }
    print(text.toString());
  }

  private void inspect(List<BridgeListing.Listed> all) {
    if (line.on("json")) {
      print(json(all));
      return;
    }
    StringBuilder text = new StringBuilder();
    for (BridgeListing.Listed each : all) {
      text.append(each.bridge()).append(each.up() ? " is up, " : " is down, ");
      text.append(subnets(each)).append('\n');
      for (BridgeListing.Member member : each.members()) {
        text.append("  ").append(member.container()).append("  ").append(member.addresses());
        text.append("  ").append(member.link());
        text.append(member.ports().isEmpty() ? "" : "  " + member.ports());
        text.append(member.stale() ? "  (stale)" : "").append('\n');
      }
    }
    print(text.toString());
  }

  private static String subnets(BridgeListing.Listed listed) {
    StringBuilder text = new StringBuilder();
    for (Subnet subnet : listed.subnets()) {
      text.append(text.isEmpty() ? "" : " ").append(subnet);
    }
    return text.toString();
  }

  private static void pad(StringBuilder text, String value, int width) {
    text.append(value).append(' ');
    for (int i = value.length() + 1; i < width; i++) {
      text.append(' ');
    }
  }

  private static String json(List<BridgeListing.Listed> all) {
    byte[] document =
        JsonOutput.document(
            "  ", out -> out.array("networks", all, each -> out.object(o -> network(o, each))));
    return Utf8.decode(document) + "\n";
  }

  private static void network(JsonOutput out, BridgeListing.Listed each) throws IOException {
    out.required("name", each.bridge());
    out.required("up", each.up());
    out.required("subnets", subnets(each));
    out.array("containers", each.members(), member -> out.object(o -> member(o, member)));
  }

  private static void member(JsonOutput out, BridgeListing.Member member) throws IOException {
    out.required("id", member.container());
    out.required("addresses", member.addresses());
    out.required("link", member.link());
    out.required("ports", member.ports());
    out.required("stale", member.stale());
  }

  private void prune() {
    List<NetworkRecord> records = new ArrayList<>();
    List<String> owners = new ArrayList<>();
    for (ContainerState container : store.list()) {
      NetworkRecord record = ContainerNetwork.recordOf(linux, store.root(), container.id());
      if (record != null) {
        records.add(record);
        owners.add(container.id());
      }
    }
    List<String> told = new BridgePruning(linux, store.root()).prune(records, owners);
    if (line.on("json")) {
      byte[] document =
          JsonOutput.document(
              "  ",
              out -> out.array("pruned", told, each -> out.object(o -> o.required("what", each))));
      print(Utf8.decode(document) + "\n");
      return;
    }
    StringBuilder text = new StringBuilder();
    for (String each : told) {
      text.append(each).append('\n');
    }
    print(text.toString());
  }

  private void check(String name) {
    ContainerState state = store.load(ContainerId.parse(name));
    NetworkRecord record = ContainerNetwork.recordOf(linux, store.root(), name);
    if (record == null) {
      throw Failure.of(
              Failure.Code.NOT_FOUND, "container \"" + name + "\" was made without --network")
          .build();
    }
    if (!state.init().alive(linux)) {
      throw Failure.of(Failure.Code.WRONG_STATUS, "container \"" + name + "\" does not run")
          .build();
    }
    NetworkCheck.check(linux, store.root(), name, record, state.init().pid());
    print("the network of " + name + " is as it was made\n");
  }

  private void collect(String name) {
    String network = name.startsWith("cni:") ? name.substring(4) : name;
    if (network.isEmpty()) {
      throw Failure.of(Failure.Code.USAGE, "Incorrect Usage. gc takes the name of a CNI network")
          .hint("jrunc network gc NAME; what containers of others have on it is taken back too")
          .build();
    }
    List<String> attached = CniCollection.collect(linux, store.root(), network, cni);
    if (line.on("json")) {
      byte[] document =
          JsonOutput.document(
              "  ",
              out -> out.array("kept", attached, id -> out.object(o -> o.required("id", id))));
      print(Utf8.decode(document) + "\n");
      return;
    }
    print("the plugins of " + network + " keep what is of " + attached.size() + " containers\n");
  }

  private void print(String text) {
    linux.streams().write(new Descriptor(linux.gate(), 1), text);
  }
}

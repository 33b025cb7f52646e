package dev.jrunc.runtime.explain;

import dev.jrunc.runtime.network.NetworkStep;
import dev.jrunc.runtime.network.PublishedPort;
import dev.jrunc.runtime.network.Subnet;
import dev.jrunc.runtime.plan.StepName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the creating process does for a container's network, and why. */
final class NetworkWords {
  private NetworkWords() {}

  /** What is done before there is a process. */
  static void early(List<NetworkStep> steps, List<Act> acts) {
    for (NetworkStep step : steps) {
      if (isEarly(step)) {
        acts.add(act(step));
      }
    }
  }

  /** What is done beside the container's process. */
  static void late(List<NetworkStep> steps, List<Act> acts) {
    for (NetworkStep step : steps) {
      if (!isEarly(step)) {
        acts.add(act(step));
      }
    }
  }

  private static boolean isEarly(NetworkStep step) {
    return step instanceof NetworkStep.LeaseAddresses || step instanceof NetworkStep.MakeNameFiles;
  }

  private static Act act(NetworkStep step) {
    return new Act(StepName.of(step), step.pointer(), detail(step), reason(step));
  }

  private static Map<String, String> detail(NetworkStep step) {
    Map<String, String> detail = new LinkedHashMap<>();
    switch (step) {
      case NetworkStep.LeaseAddresses s -> {
        detail.put("bridge", s.bridge());
        StringBuilder subnets = new StringBuilder();
        for (Subnet subnet : s.subnets()) {
          subnets.append(subnets.isEmpty() ? "" : " ").append(subnet);
        }
        put(detail, "subnets", subnets.toString());
        put(detail, "ports", PublishedPort.written(s.ports()));
        put(detail, "addresses", String.join(" ", s.wishes().addresses()));
        put(detail, "mac", s.wishes().mac());
      }
      case NetworkStep.MakeNameFiles s -> {}
      case NetworkStep.EnsureBridge s -> detail.put("bridge", s.bridge());
      case NetworkStep.ConnectToBridge s -> {
        detail.put("bridge", s.bridge());
        detail.put("device", s.device());
      }
      case NetworkStep.PublishPorts s -> put(detail, "ports", PublishedPort.written(s.ports()));
      case NetworkStep.AddToCniNetwork s -> {
        detail.put("network", s.network());
        put(detail, "ports", PublishedPort.written(s.ports()));
      }
      case NetworkStep.StartUserNetwork s -> {
        detail.put("program", s.program());
        put(detail, "ports", PublishedPort.written(s.ports()));
      }
      case NetworkStep.MoveNetworkDevice s -> {
        detail.put("device", s.name());
        detail.put("name", s.newName());
      }
    }
    return detail;
  }

  private static void put(Map<String, String> detail, String name, String value) {
    if (!value.isEmpty()) {
      detail.put(name, value);
    }
  }

  private static String reason(NetworkStep step) {
    return switch (step) {
      case NetworkStep.LeaseAddresses s -> "written down before anything is made for it";
      case NetworkStep.MakeNameFiles s -> "the mounts of the container need them";
      case NetworkStep.EnsureBridge s -> "made by the first container that needs it";
      case NetworkStep.ConnectToBridge s ->
          "from outside, and beside the container's work on its mounts";
      case NetworkStep.PublishPorts s -> "last: from here on strangers reach the container";
      case NetworkStep.AddToCniNetwork s -> "plugins are given a namespace that is there";
      case NetworkStep.StartUserNetwork s -> "it opens its device inside the namespaces";
      case NetworkStep.MoveNetworkDevice s ->
          "to move a device takes rights over both network namespaces";
    };
  }
}

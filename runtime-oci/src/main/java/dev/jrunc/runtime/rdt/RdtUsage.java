package dev.jrunc.runtime.rdt;

import dev.jrunc.spec.Separated;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a group has and uses. */
final class RdtUsage {
  private final RdtFiles files;
  private final String root;

  RdtUsage(RdtFiles files, String root) {
    this.files = files;
    this.root = root;
  }

  RdtStats read(RdtGroup group) {
    List<String> ofRoot = lines(root + "/schemata");
    List<String> ofGroup = lines(group.path() + "/schemata");
    String features = files.text(root + "/info/L3_MON/mon_features");
    String counted = features == null ? "" : features;
    boolean bandwidth = counted.contains("mbm_total_bytes") || counted.contains("mbm_local_bytes");
    boolean occupancy = counted.contains("llc_occupancy");
    // Without a group of its own what is counted is that of all in the class, as in runc.
    String monitored = group.monitoring() == null ? group.path() : group.monitoring();
    return new RdtStats(
        cache(ofRoot, ofGroup),
        bandwidth(ofRoot, ofGroup),
        ofGroup,
        bandwidth || occupancy ? domains(monitored + "/mon_data") : null,
        bandwidth,
        occupancy);
  }

  private RdtStats.@Nullable Cache cache(List<String> ofRoot, List<String> ofGroup) {
    String info = root + "/info/L3/";
    String mask = files.text(info + "cbm_mask");
    return mask == null
        ? null
        : new RdtStats.Cache(
            mask,
            number(info + "min_cbm_bits"),
            number(info + "num_closids"),
            with("L3", ofRoot),
            with("L3", ofGroup));
  }

  private RdtStats.@Nullable Bandwidth bandwidth(List<String> ofRoot, List<String> ofGroup) {
    String info = root + "/info/MB/";
    return files.text(info + "min_bandwidth") == null
        ? null
        : new RdtStats.Bandwidth(
            number(info + "bandwidth_gran"),
            number(info + "delay_linear"),
            number(info + "min_bandwidth"),
            number(info + "num_closids"),
            with("MB", ofRoot),
            with("MB", ofGroup));
  }

  private List<RdtStats.Domain> domains(String folder) {
    List<RdtStats.Domain> domains = new ArrayList<>();
    List<String> names = new ArrayList<>(files.list(folder));
    Collections.sort(names);
    for (String name : names) {
      String domain = folder + "/" + name + "/";
      domains.add(
          new RdtStats.Domain(
              number(domain + "mbm_total_bytes"),
              number(domain + "mbm_local_bytes"),
              number(domain + "llc_occupancy")));
    }
    return domains;
  }

  private List<String> lines(String path) {
    String text = files.text(path);
    List<String> lines = new ArrayList<>();
    for (String line : Separated.by('\n', text == null ? "" : text)) {
      lines.add(line.trim());
    }
    return lines;
  }

  private static String with(String resource, List<String> lines) {
    String found = "";
    for (String line : lines) {
      found = line.contains(resource) ? line : found;
    }
    return found;
  }

  // "Unavailable" where a counter was given to another group; that is no number, and none is known.
  private long number(String path) {
    String text = files.text(path);
    if (text == null || text.isEmpty()) {
      return 0;
    }
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return 0;
      }
      value = value * 10 + c - '0';
    }
    return value;
  }
}

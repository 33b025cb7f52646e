package dev.jrunc.runtime.inspection;

import java.util.List;

/**
 * All that was found about a bundle.
 *
 * @param config the path of its config.json
 * @param hostChecked whether this host was asked too: not for a config that cannot be read
 * @param findings in the order of the document
 */
public record Inspection(String config, boolean hostChecked, List<Finding> findings) {
  public Inspection {
    findings = List.copyOf(findings);
  }

  /** Whether the config keeps the specification. */
  public boolean valid() {
    return count(Finding.Kind.VIOLATION) == 0;
  }

  /** Whether nothing is known that keeps this host from making the container. */
  public boolean runnable() {
    return findings.size() == count(Finding.Kind.NOTE);
  }

  int count(Finding.Kind kind) {
    int count = 0;
    for (Finding finding : findings) {
      count += finding.kind() == kind ? 1 : 0;
    }
    return count;
  }
}

package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import java.io.IOException;
import java.util.List;

/** What the runtime says about itself, about a bundle, and about what went wrong. */
final class TellCases {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TellCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("features prints what the runtime can do", "features.md", TellCases::features),
        Case.of("features needs no privilege", "features.md", TellCases::unprivileged));
  }

  // What no peer has is only asked of ours.
  private static void ours(Sandbox place, String reason) {
    assume(!place.isRunc(), reason);
  }

  private static JsonNode json(Command.Outcome outcome) throws IOException {
    return JSON.readTree(outcome.out());
  }

  private static void features(Sandbox place) throws Exception {
    ours(place, "runc 1.1.5 has its features in an older form");
    JsonNode features = json(place.runtime("features").run().ok());
    equal("1.3.0", features.path("ociVersionMax").asText(), "the newest version");
    equal(6, features.path("hooks").size(), "the kinds of hooks");
    equal(8, features.at("/linux/namespaces").size(), "the kinds of namespaces");
    that(features.at("/linux/seccomp/enabled").asBoolean(), "seccomp is off");
    that(features.path("mountOptions").toString().contains("\"rro\""), "no recursive options");
  }

  private static void unprivileged(Sandbox place) throws Exception {
    ours(place, "runc 1.1.5 refuses to run for a user without XDG_RUNTIME_DIR");
    Command.Outcome outcome =
        Command.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                place.runtimePath().toString(),
                "features")
            .run()
            .ok();
    that(json(outcome).has("linux"), "no document");
  }
}

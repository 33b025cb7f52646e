package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.registry.DemoImage;
import dev.jrunc.conformance.registry.TokenServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The output of jimage for programs: with {@code --json} it is one JSON value and nothing else. */
final class JsonCases {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JsonCases() {}

  static List<ImageCase> all() {
    return List.of(new ImageCase("every command tells its result in JSON", JsonCases::every));
  }

  private static void every(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    String demo = place.image("demo");
    String copy = place.image("copy:1");
    String creds = TokenServer.USER + ":" + TokenServer.PASSWORD;
    Path bundle = Files.createDirectory(place.folder().resolve("copied"));
    Path overlay = Files.createDirectory(place.folder().resolve("overlaid"));
    String authFile = place.folder().resolve("kept.json").toString();
    tells(place, "login", "--creds", creds, "--authfile", authFile, place.registry().host());
    tells(place, "pull", demo);
    tells(place, "bundle", demo, bundle.toString());
    tells(place, "bundle", "--mode", "overlay", demo, overlay.toString());
    tells(place, "mount", overlay.toString());
    tells(place, "images");
    tells(place, "inspect", demo);
    tells(place, "inspect", "--remote", demo);
    tells(place, "tags", demo);
    tells(place, "tag", demo, "localhost/other:1");
    tells(place, "du");
    tells(place, "verify", demo);
    tells(place, "verify", bundle.toString());
    Files.writeString(bundle.resolve("rootfs/new"), "new");
    tells(place, "commit", bundle.toString(), "localhost/changed:1");
    tells(place, "diff", demo, "localhost/changed:1");
    tells(place, "push", "--creds", creds, demo, copy);
    tells(place, "copy", "--creds", creds, copy, place.image("copy:2"));
    tells(place, "ratelimit", demo);
    tells(place, "unbundle", overlay.toString());
    tells(place, "unbundle", bundle.toString());
    tells(place, "rm", "localhost/changed:1");
    tells(place, "gc");
    tells(place, "logout", "--authfile", authFile, place.registry().host());
  }

  private static void tells(Place place, String command, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(command, "--json"));
    all.addAll(List.of(words));
    String out = place.jimage(all.toArray(String[]::new)).run().ok().out();
    try {
      JsonNode value = JSON.readTree(out);
      that(value.isContainerNode(), command + " --json prints " + out);
    } catch (JsonProcessingException e) {
      throw new AssertionError(command + " --json prints no JSON: " + out, e);
    }
  }
}

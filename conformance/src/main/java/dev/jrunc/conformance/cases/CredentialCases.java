package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.registry.DemoImage;
import dev.jrunc.conformance.registry.LocalRegistry;
import dev.jrunc.conformance.registry.TokenServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Programs that keep passwords, as docker-credential-helpers' README describes them. */
final class CredentialCases {
  private static final String HELPER =
      """
      #!/bin/sh
      cd %s
      if [ "$1" = store ]; then cat >kept; exit; fi
      read -r server
      echo "$1 $server" >>asked
      [ -e kept ] || { echo "credentials not found in native keychain"; exit 1; }
      if [ "$1" = get ]; then cat kept; else rm kept; fi
      """;

  private CredentialCases() {}

  static List<ImageCase> all() {
    return List.of(
        new ImageCase("credentials by --creds and --authfile", CredentialCases::given),
        new ImageCase("copy shows each side its own credentials", CredentialCases::sides),
        new ImageCase("--digestfile has the digest", CredentialCases::digestFile),
        new ImageCase("login and logout with a credential helper", CredentialCases::login),
        new ImageCase("a credential helper is asked for its registry alone", CredentialCases::own),
        new ImageCase("a credential helper that fails is named", CredentialCases::failing));
  }

  private static void helper(Place place, String script) throws IOException {
    Path program =
        Files.createDirectories(place.folder().resolve("bin")).resolve("docker-credential-own");
    Files.writeString(program, script.formatted(place.folder()));
    Command.of("chmod", "755", program.toString()).run().ok();
  }

  /** jimage with an auth.json that has this, and the helper in the path. */
  private static Command jimage(Place place, String auth, String... words) throws IOException {
    Path file = Files.writeString(place.folder().resolve("auth.json"), auth);
    return place
        .jimage(words)
        .with("REGISTRY_AUTH_FILE", file.toString())
        .with("PATH", place.folder().resolve("bin") + ":" + System.getenv("PATH"));
  }

  private static String helpers(String host) {
    return "{\"credHelpers\":{\"" + host + "\":\"own\"}}";
  }

  private static void login(Place place) throws Exception {
    helper(place, HELPER);
    DemoImage.push(place.registry(), "demo", "true");
    place.jimage("pull", "-q", place.image("demo")).run().ok();
    try (LocalRegistry registry = LocalRegistry.startWithPassword()) {
      String auth = "{\"credsStore\":\"own\"}";
      String target = registry.host() + "/demo:1";
      jimage(place, auth, "push", "-q", place.image("demo"), target).run().code(1);
      jimage(place, auth, "login", "-u", TokenServer.USER, "--password-stdin", registry.host())
          .input(TokenServer.PASSWORD + "\n")
          .run()
          .ok();
      that(Files.exists(place.folder().resolve("kept")), "the helper keeps nothing");
      String file = Files.readString(place.folder().resolve("auth.json"));
      that(!file.contains("\"auth\""), "the password is in the file: " + file);
      jimage(place, auth, "push", "-q", place.image("demo"), target).run().ok();
      jimage(place, auth, "login", "--get-login", registry.host())
          .run()
          .ok()
          .says(TokenServer.USER);
      jimage(place, auth, "logout", registry.host()).run().ok();
      that(!Files.exists(place.folder().resolve("kept")), "the helper keeps it on");
      jimage(place, auth, "tags", target).run().code(1);
    }
  }

  // CVE-2024-35192: by a pattern, the password of one registry went to another.
  private static void own(Place place) throws Exception {
    helper(place, HELPER);
    DemoImage.push(place.registry(), "private/demo", "true");
    Files.writeString(
        place.folder().resolve("kept"),
        "{\"ServerURL\":\"\",\"Username\":\"%s\",\"Secret\":\"%s\"}"
            .formatted(TokenServer.USER, TokenServer.PASSWORD));
    String host = place.registry().host();
    String[] pull = {"pull", "-q", place.image("private/demo")};
    for (String other : List.of("x" + host, "127.0.0.1", "*", host + "/private")) {
      jimage(place, helpers(other), pull).run().code(1).says("without credentials");
      that(!Files.exists(place.folder().resolve("asked")), "the helper of " + other + " was asked");
    }
    jimage(place, helpers(host), pull).run().ok();
    List<String> asked = Files.readAllLines(place.folder().resolve("asked"));
    equal(List.of("get " + host), asked.stream().distinct().toList(), "the questions");
  }

  private static void failing(Place place) throws Exception {
    String auth = helpers(place.registry().host());
    String[] pull = {"pull", "-q", place.image("private/demo")};
    jimage(place, auth, pull).run().code(1).says("cannot run credential helper");
    helper(place, "#!/bin/sh\necho the safe is locked\nexit 1\n");
    jimage(place, auth, pull).run().code(1).says("the safe is locked");
    helper(place, "#!/bin/sh\necho no JSON\n");
    jimage(place, auth, pull).run().code(1).says("docker-credential-own");
  }

  private static void given(Place place) throws Exception {
    DemoImage.push(place.registry(), "private/demo", "true");
    String image = place.image("private/demo");
    String right = TokenServer.USER + ":" + TokenServer.PASSWORD;
    place.jimage("pull", "-q", image).run().code(1).says("without credentials");
    place.jimage("pull", "-q", "--creds", TokenServer.USER + ":wrong", image).run().code(1);
    place.jimage("pull", "-q", "--creds", ":x", image).run().code(1).says("invalid --creds");
    place.jimage("pull", "-q", "--creds", right, image).run().ok();
    String[] line = {"pull", "-q", "--creds", TokenServer.USER, image};
    place.jimage(line).input(TokenServer.PASSWORD + "\n").run().ok();
    place.jimage(line).input("wrong\n").run().code(1);
    place.jimage(line).input("").run().code(1).says("has no password");
    Path auth = place.folder().resolve("auth.json");
    Files.writeString(
        auth,
        "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}"
            .formatted(
                place.registry().host(),
                Base64.getEncoder().encodeToString(right.getBytes(StandardCharsets.UTF_8))));
    for (String[] words :
        new String[][] {
          {"pull", image},
          {"inspect", "--remote", image},
          {"tags", image},
          {"push", image, place.image("private/other:1")},
          {"copy", image, "oci:" + place.folder().resolve("layout")},
          {"ratelimit", image}
        }) {
      List<String> all = new ArrayList<>(List.of(words));
      place.jimage(all.toArray(String[]::new)).run().code(1);
      all.add("--authfile=" + auth);
      place.jimage(all.toArray(String[]::new)).run().ok();
      all.set(all.size() - 1, "--authfile=" + auth + ".none");
      place.jimage(all.toArray(String[]::new)).run().code(1).says("cannot read credential file");
      all.set(all.size() - 1, "--creds=" + right);
      if (!words[0].equals("copy")) {
        place.jimage(all.toArray(String[]::new)).run().ok();
      }
    }
  }

  private static void sides(Place place) throws Exception {
    DemoImage.push(place.registry(), "private/demo", "true");
    String image = place.image("private/demo");
    try (LocalRegistry other = LocalRegistry.startWithPassword()) {
      String target = other.host() + "/demo:1";
      String[] both = {
        "copy",
        "-q",
        "--src-creds",
        TokenServer.USER,
        "--dest-creds",
        TokenServer.USER,
        image,
        target
      };
      String word = TokenServer.PASSWORD + "\n";
      place.jimage(both).input(word + word).run().ok();
      place.jimage(both).input(word).run().code(1).says("--dest-creds has no password");
      place.jimage(both).input(word + "wrong\n").run().code(1);
      place
          .jimage("copy", "--src-creds", "a:b", "store:" + image, target)
          .run()
          .code(1)
          .says("no registry is there");
      place.jimage("tags", "--creds", TokenServer.USER, target).input(word).run().ok().says("1");
    }
  }

  private static void digestFile(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    String image = place.image("demo");
    Path file = place.folder().resolve("digest");
    String creds = TokenServer.USER + ":" + TokenServer.PASSWORD;
    place.jimage("pull", "-q", "--digestfile", file.toString(), image).run().ok();
    String pulled = Files.readString(file);
    contains(place.jimage("inspect", image).run().ok().out(), pulled + "\n");
    String other = place.image("other:1");
    String theirs = place.folder().resolve("theirs").toString();
    String layout = "oci:" + place.folder().resolve("layout") + ":a";
    place
        .jimage("push", "-q", "--creds", creds, "--digestfile", file.toString(), image, other)
        .run()
        .ok();
    equal(pulled, Files.readString(file), "the digest of a push");
    Command.of(
            "skopeo",
            "copy",
            "--src-tls-verify=false",
            "--digestfile",
            theirs,
            "docker://" + other,
            "oci:" + place.folder().resolve("skopeo") + ":a")
        .run()
        .ok();
    equal(Files.readString(Path.of(theirs)), Files.readString(file), "skopeo's file");
    place.jimage("copy", "-q", "--all", "--digestfile", file.toString(), image, layout).run().ok();
    that(!pulled.equals(Files.readString(file)), "the index has the digest of an image");
    place
        .jimage("copy", "-q", "--digestfile", "no/such/folder", image, layout)
        .run()
        .code(1)
        .says("cannot write to");
  }
}

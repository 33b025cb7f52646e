package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.registry.DemoImage;
import dev.jrunc.conformance.registry.FaultProxy;
import dev.jrunc.conformance.registry.FaultProxy.Fault;
import dev.jrunc.conformance.registry.ImageMaker;
import dev.jrunc.conformance.registry.LocalRegistry;
import dev.jrunc.conformance.registry.TokenServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** jimage against a real registry, with and without somebody who spoils what it says. */
final class RegistryCases {
  private static final int BIG = 24 << 20;

  private RegistryCases() {}

  static List<ImageCase> all() {
    return List.of(
        new ImageCase("login, pull, push and logout with a password", RegistryCases::password),
        new ImageCase("a registry that wants a client certificate", RegistryCases::client),
        new ImageCase("a mirror from registries.conf", RegistryCases::mirror),
        new ImageCase("a layer survives every fault of the network", RegistryCases::faults),
        new ImageCase("a layer without end is refused", RegistryCases::endless),
        new ImageCase("a pull that changes nothing gets no manifest", RegistryCases::unchanged),
        new ImageCase("kill -9 at any moment loses nothing that came", RegistryCases::killed),
        new ImageCase("a full disk loses nothing that came", RegistryCases::fullDisk),
        new ImageCase("a damaged store is mended by pull", RegistryCases::damaged));
  }

  private static byte[] noise(int length) {
    byte[] noise = new byte[length];
    new Random(length).nextBytes(noise);
    return noise;
  }

  private static void password(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    place.jimage("pull", "-q", place.image("demo")).run().ok();
    try (LocalRegistry registry = LocalRegistry.startWithPassword()) {
      Path auth = place.folder().resolve("login.json");
      String target = registry.host() + "/copied/demo:1";
      String[] push = {"push", "-q", place.image("demo"), target};
      place.jimage(push).run().code(1).says("without credentials");
      String[] login = {
        "login",
        "-u",
        TokenServer.USER,
        "--password-stdin",
        "--authfile",
        auth + "",
        registry.host()
      };
      place
          .jimage("login", "-u", TokenServer.USER, registry.host())
          .run()
          .code(1)
          .says("no terminal to ask on");
      place.jimage(login).input("wrong\n").run().code(1).says("refused the credentials");
      that(!Files.exists(auth), "a wrong password was kept");
      place.jimage(login).input(TokenServer.PASSWORD + "\n").run().ok();
      place.jimage(push).with("REGISTRY_AUTH_FILE", auth + "").run().ok();
      Command.of(
              "skopeo",
              "inspect",
              "--tls-verify=false",
              "--authfile",
              auth.toString(),
              "docker://" + target)
          .run()
          .ok()
          .says("amd64");
      place.jimage("tags", target).with("REGISTRY_AUTH_FILE", auth + "").run().ok().says("1");
      place.jimage("logout", "--authfile", auth + "", registry.host()).run().ok();
      place.jimage("tags", target).with("REGISTRY_AUTH_FILE", auth + "").run().code(1);
    }
  }

  private static void client(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    place.jimage("pull", "-q", place.image("demo")).run().ok();
    try (LocalRegistry registry = LocalRegistry.startWithClientCertificate()) {
      String target = registry.host() + "/demo:1";
      place.jimage("push", "-q", place.image("demo"), target).run().code(1);
      Path certs =
          Files.createDirectories(
              place.folder().resolve(".config/containers/certs.d").resolve(registry.host()));
      Files.copy(registry.authority(), certs.resolve("ca.crt"));
      place.jimage("push", "-q", place.image("demo"), target).run().code(1);
      Files.copy(registry.client(), certs.resolve("me.cert"));
      Files.copy(registry.client().resolveSibling("client.key"), certs.resolve("me.key"));
      place.jimage("push", "-q", place.image("demo"), target).run().ok();
      place.jimage("pull", "-q", target).run().ok();
    }
  }

  private static void mirror(Place place) throws Exception {
    DemoImage.push(place.registry(), "hub/library/alpine", "true");
    Path conf = Files.createDirectories(place.folder().resolve(".config/containers"));
    Files.writeString(
        conf.resolve("registries.conf"),
        """
        [[registry]]
        prefix = "docker.io"
        location = "docker.io"
        [[registry.mirror]]
        location = "%s/hub"
        insecure = true
        """
            .formatted(place.registry().host()));
    place.jimage("pull", "-q", "alpine").run().ok().says("docker.io/library/alpine:latest@");
  }

  private static void faults(Place place) throws Exception {
    place.push("big", new ImageMaker().file("noise", 0644, noise(BIG)).tar());
    try (FaultProxy proxy = FaultProxy.before(place.registry())) {
      proxy.spoil(
          // The configuration first, then the layer.
          new Fault.Cut(10),
          new Fault.Answer("429 Too Many Requests", "Retry-After: 1\r\n"),
          new Fault.Answer(
              "429 Too Many Requests", "Retry-After: Thu, 01 Jan 2026 00:00:00 GMT\r\n"),
          new Fault.Answer("503 Service Unavailable", ""),
          new Fault.Cut(1 << 20),
          new Fault.Cut(0),
          new Fault.Whole(),
          new Fault.Cut(2 << 20),
          new Fault.Answer("416 Range Not Satisfiable", ""),
          new Fault.Cut(3 << 20),
          new Fault.Answer("400 Bad Request", ""),
          new Fault.Cut(5 << 20));
      place.jimage("pull", proxy.host() + "/big").run().ok();
      contains(
          place.jimage("inspect", "--json", proxy.host() + "/big").run().ok().out(), "\"layers\"");
    }
  }

  private static void endless(Place place) throws Exception {
    place.push("big", new ImageMaker().file("noise", 0644, noise(100_000)).tar());
    try (FaultProxy proxy = FaultProxy.before(place.registry())) {
      proxy.spoil(new Fault.Cut(Long.MAX_VALUE), new Fault.Endless());
      place.jimage("pull", "-q", proxy.host() + "/big").run().code(1).says("is longer than");
      equal("[ ]", place.jimage("images", "--json").run().ok().out().trim(), "the images");
    }
  }

  private static void unchanged(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    try (FaultProxy proxy = FaultProxy.before(place.registry())) {
      place.jimage("pull", "-q", proxy.host() + "/demo").run().ok();
      int before = proxy.requests().size();
      place.jimage("pull", "-q", proxy.host() + "/demo").run().ok();
      List<String> asked = proxy.requests().subList(before, proxy.requests().size());
      that(
          asked.stream().noneMatch(line -> line.startsWith("GET /v2/demo/")),
          "it asked for content: " + asked);
      that(
          asked.stream().anyMatch(line -> line.startsWith("HEAD /v2/demo/manifests/latest")),
          "it did not ask by HEAD: " + asked);
    }
  }

  private static void killed(Place place) throws Exception {
    place.push("big", new ImageMaker().file("noise", 0644, noise(BIG)).tar());
    Random moments = new Random();
    try (FaultProxy proxy = FaultProxy.slow(place.registry(), 12 << 20)) {
      List<String> words =
          List.of(
              place.jimage().toString(),
              "--store",
              place.folder().resolve("store").toString(),
              "pull",
              "-q",
              proxy.host() + "/big");
      for (int i = 0; i < 5; i++) {
        Process pull =
            new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(place.folder().resolve("said").toFile())
                .start();
        boolean ended = pull.waitFor(500 + moments.nextInt(1200), TimeUnit.MILLISECONDS);
        // The launcher replaces itself by the JVM, so this is the process that writes.
        pull.destroyForcibly().waitFor();
        if (ended) {
          break;
        }
      }
      Command.of(words).run().ok();
      long twice = proxy.blobBytes() - BIG;
      // What was on its way to a killed process is lost: the socket's buffers, five times.
      that(twice < 5 * (8L << 20), "of " + BIG + " bytes, " + twice + " more were fetched");
      that(twice < BIG, "a killed pull began from the beginning: " + twice + " bytes too many");
    }
    clean(place);
  }

  private static void clean(Place place) throws IOException {
    Path store = place.folder().resolve("store");
    that(!Files.exists(store.resolve(".partial")), "parts of layers stayed");
    that(!Files.exists(store.resolve(".tmp")), "a killed pull's folder stayed");
  }

  private static void fullDisk(Place place) throws Exception {
    place.push("big", new ImageMaker().file("noise", 0644, noise(BIG)).tar());
    try (FaultProxy proxy = FaultProxy.before(place.registry())) {
      Path disk = Files.createDirectory(place.folder().resolve("disk"));
      String pull =
          "%s --store %s/store pull -q %s/big".formatted(place.jimage(), disk, proxy.host());
      String script =
          "mount -t tmpfs -o size=12m tmpfs %1$s && ! %2$s && mount -o remount,size=64m %1$s && %2$s --json"
              .formatted(disk, pull);
      // In a mount namespace of its own, which takes the mount with it.
      Command.Outcome outcome =
          Command.of("unshare", "--mount", "--propagation", "private", "sh", "-c", script)
              .with("HOME", place.folder().toString())
              .run()
              .ok();
      outcome.says("no space left on device; free some space");
      Matcher fetched = Pattern.compile("\"fetchedBytes\" : (\\d+)").matcher(outcome.out());
      that(fetched.find(), outcome.out());
      // What the disk took of it stayed: not what the sockets' buffers had taken before.
      long again = Long.parseLong(fetched.group(1)) - (BIG - (10L << 20));
      that(again <= 0, again + " bytes were fetched twice");
    }
  }

  private static void damaged(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "true");
    String image = place.image("demo");
    place.jimage("pull", "-q", image).run().ok();
    Path store = place.folder().resolve("store");
    String index = Files.readString(store.resolve("index.json"));
    List<Path> blobs;
    try (Stream<Path> files = Files.list(store.resolve("blobs/sha256"))) {
      blobs = files.sorted().toList();
    }
    for (Path blob : blobs) {
      byte[] whole = Files.readAllBytes(blob);
      byte[] changed = whole.clone();
      changed[changed.length / 2] ^= 1;
      Files.write(blob, changed);
      place.jimage("pull", "-q", image).run().ok();
      that(java.util.Arrays.equals(whole, Files.readAllBytes(blob)), blob + " was not mended");
      Files.delete(blob);
      place.jimage("pull", "-q", image).run().ok();
      that(java.util.Arrays.equals(whole, Files.readAllBytes(blob)), blob + " did not come back");
    }
    Files.writeString(store.resolve("index.json"), index.substring(0, index.length() / 2));
    place.jimage("images").run().code(1).says("the next jimage pull mends it");
    place.jimage("pull", "-q", image).run().ok();
    contains(place.jimage("images").run().ok().out(), "demo:latest");
  }
}

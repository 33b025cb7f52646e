package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jrunc.conformance.cases.ImageCases.ImageCase;
import dev.jrunc.conformance.cases.ImageCases.Place;
import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.registry.DemoImage;
import dev.jrunc.conformance.registry.ImageMaker;
import dev.jrunc.conformance.registry.Pusher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Bundles that a user without root makes and runs: with the own id alone, and with a range. */
final class UserBundleCases {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NOBODY = 65534;
  private static final Path RUNC = Path.of("/usr/sbin/runc");
  private static final String[] USER = {
    "setpriv", "--reuid", "" + NOBODY, "--regid", "" + NOBODY, "--clear-groups"
  };

  private UserBundleCases() {}

  static List<ImageCase> all() {
    return List.of(
        new ImageCase("a user without root, with one id", UserBundleCases::withoutRoot),
        new ImageCase("a user without root, with ranges of ids", UserBundleCases::withRanges),
        new ImageCase("layers are shared without root, with one id", UserBundleCases::shared),
        new ImageCase(
            "layers are shared without root, with ranges of ids", UserBundleCases::sharedInRange));
  }

  /** Somebody at the command line. */
  private record Person(Place place, Path home, boolean ranged) {
    static Person nobody(Place place) throws Exception {
      return new Person(place, home(place, NOBODY), false).checked();
    }

    static Person withRange(Place place) throws Exception {
      assume(Files.exists(Path.of("/usr/bin/newuidmap")), "newuidmap is not installed");
      return new Person(place, home(place, RootlessCases.USER), true).checked();
    }

    // The folders above the build need not be open to everybody.
    private static Path home(Place place, int user) throws Exception {
      Path home = Files.createDirectory(place.folder().resolve("home"));
      Path own = Files.copy(place.runtime(), home.resolve("runtime"));
      Command.of("chmod", "755", place.folder().toString(), own.toString()).run().ok();
      Command.of("chown", user + ":" + user, home.toString()).run().ok();
      return home;
    }

    private Person checked() {
      boolean reachable = command(place.jimage().toString(), "--version").run().code() == 0;
      assume(reachable, "a user may not run jimage where it was built");
      return this;
    }

    private Command command(String... words) {
      List<String> all =
          ranged
              ? RootlessCases.becoming(place.folder(), List.of(words))
              : Command.words(List.of(USER), words);
      return Command.of(all).in(home).with("HOME", home.toString());
    }

    Command jimage(String... words) {
      List<String> program = List.of(place.jimage().toString(), "--store", home + "/store");
      return command(Command.words(program, words).toArray(String[]::new));
    }

    Command runtime(Path program, String... words) {
      List<String> all = List.of(program.toString(), "--root", home + "/state");
      return command(Command.words(all, words).toArray(String[]::new));
    }

    /** Runs the bundle in a folder of the home; one id for each runtime. */
    Command.Outcome run(Path program, String bundle) {
      String id = "user-" + bundle + "-" + program.getFileName();
      return runtime(program, "run", "--bundle", home.resolve(bundle).toString(), id).run().ok();
    }

    Path own() {
      return home.resolve("runtime");
    }

    JsonNode uidMappings(String bundle) throws Exception {
      Path config = home.resolve(bundle).resolve("config.json");
      return JSON.readTree(config.toFile()).at("/linux/uidMappings");
    }
  }

  private static void withoutRoot(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "echo works; id -u");
    Person person = Person.nobody(place);
    person.jimage("pull", "-q", place.image("demo")).run().ok();
    person.jimage("bundle", place.image("demo"), "web").run().ok();
    person.jimage("verify", "./web").run().ok();
    equal(
        "[{\"containerID\":0,\"hostID\":" + NOBODY + ",\"size\":1}]",
        person.uidMappings("web").toString(),
        "the map of users");
    Command.of(place.runtime().toString(), "--root", place.folder() + "/state", "run", "by-root")
        .in(person.home().resolve("web"))
        .run()
        .ok()
        .says("works\n0");
    person.run(person.own(), "web").says("works\n0");
    assume(Files.isExecutable(RUNC), "runc is not installed");
    person.run(RUNC, "web").says("works\n0");
  }

  private static void withRanges(Place place) throws Exception {
    DemoImage.push(place.registry(), "demo", "echo works; id -u; cat /proc/self/uid_map | wc -l");
    Person person = Person.withRange(place);
    person.jimage("pull", "-q", place.image("demo")).run().ok();
    person.jimage("bundle", place.image("demo"), "web").run().ok();
    JsonNode maps = person.uidMappings("web");
    equal(RootlessCases.USER, maps.at("/0/hostID").asInt(), "the user's own id");
    equal(RootlessCases.RANGE, maps.at("/1/hostID").asInt(), "the first id of the range");
    person.run(person.own(), "web").says("works\n0\n2\n");
  }

  private static void shared(Place place) throws Exception {
    shared(Person.nobody(place));
  }

  private static void sharedInRange(Place place) throws Exception {
    shared(Person.withRange(place));
  }

  private static void shared(Person person) throws Exception {
    Place place = person.place();
    byte[] lower =
        new ImageMaker()
            .busybox("sh", "ls", "cat", "sleep")
            .folder("d", 0755)
            .file("d/gone", 0644, "x")
            .file("d/kept", 0644, "kept\n")
            .tar();
    byte[] upper = new ImageMaker().folder("d", 0755).whiteout("d/gone").tar();
    new Pusher(place.registry(), "demo")
        .image(
            "latest",
            "amd64",
            List.of(lower, upper),
            config -> {
              var words = config.withObject("/config").putArray("Cmd");
              words.add("sh").add("-c").add("ls /d; cat /own; echo mine >/own");
            });
    person.jimage("pull", "-q", place.image("demo")).run().ok();
    for (String bundle : List.of("one", "two")) {
      person.jimage("bundle", "--mode", "overlay", place.image("demo"), bundle).run().ok();
      person.jimage("verify", "./" + bundle).run().ok().says("all as unpacked");
    }
    equal(2L, count(person.home().resolve("store/layers")), "the layers in the store");
    Command.Outcome first = person.run(person.own(), "one");
    equal("kept\n", first.out(), "what is seen");
    equal("kept\nmine\n", person.run(person.own(), "one").out(), "what is seen again");
    equal("kept\n", person.run(person.own(), "two").out(), "what is seen in the other bundle");
    person.jimage("verify", "./one").run().code(1).says("added /own");
    person.jimage("commit", "./one", "made.example/it:1").run().ok();
    person.jimage("bundle", "made.example/it:1", "copy").run().ok();
    equal("mine\n", Files.readString(person.home().resolve("copy/rootfs/own")), "the file");
    if (Files.isExecutable(RUNC)) {
      equal("kept\nmine\n", person.run(RUNC, "two").out(), "what is seen under runc");
    }
    inUse(person);
    person.jimage("unbundle", "one").run().ok();
    person.jimage("unbundle", "two").run().ok();
    person.jimage("rm", place.image("demo")).run().ok();
    person.jimage("rm", "made.example/it:1").run().ok();
    person.jimage("gc").run().ok();
    equal(0L, count(person.home().resolve("store/layers")), "the layers left");
    String mounts = Files.readString(Path.of("/proc/self/mountinfo"));
    that(!mounts.contains(person.home().toString()), "a mount is left:\n" + mounts);
  }

  private static void inUse(Person person) throws Exception {
    Path config = person.home().resolve("two/config.json");
    ObjectNode changed = (ObjectNode) JSON.readTree(config.toFile());
    changed.withObject("/process").putArray("args").add("sleep").add("100");
    JSON.writeValue(config.toFile(), changed);
    String bundle = person.home().resolve("two").toString();
    person
        .runtime(person.own(), "run", "--detach", "--bundle", bundle, "user-stays")
        .intoFile(person.home().resolve("said"))
        .run()
        .ok();
    try {
      person.jimage("unbundle", "two").run().code(1).says("is in use by process");
    } finally {
      person.runtime(person.own(), "delete", "--force", "user-stays").run().ok();
    }
  }

  private static long count(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }
}

package dev.jrunc.conformance.bench;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Expect;
import dev.jrunc.conformance.registry.LocalRegistry;
import dev.jrunc.conformance.registry.TokenServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * jimage beside skopeo with umoci, and beside podman: one image from a registry on loopback to a
 * bundle. All of them take turns, round by round, so that what the machine does beside touches all;
 * what was made is removed, and what is to be written back is written, outside of the times.
 */
public final class ImageBenchmark {
  private static final String WITHOUT_LIBISAL = "jimage pull + bundle --mode copy, without libisal";
  private static final String TIME = "/usr/bin/time";

  private final Path jimage;
  private final Path work;
  private final int rounds;
  private final Map<String, Series> times = new LinkedHashMap<>();
  private final Map<String, Series> processor = new LinkedHashMap<>();
  private final Map<String, Long> memory = new LinkedHashMap<>();
  private int aside;
  private boolean libisal;

  private ImageBenchmark(Path jimage, Path work, int rounds) {
    this.jimage = jimage;
    this.work = work;
    this.rounds = rounds;
  }

  public static void run(Path jimage, int rounds) throws IOException {
    Path work = Files.createTempDirectory("image-bench-");
    try (LocalRegistry registry = LocalRegistry.start()) {
      new ImageBenchmark(jimage, work, rounds).measure(registry);
    } finally {
      shell("rm -rf '" + work + "'");
    }
  }

  private void measure(LocalRegistry registry) throws IOException {
    Path layout = work.resolve("image");
    System.out.println("image: " + HostImage.make(layout));
    String image = registry.host() + "/bench:latest";
    shell(
        "skopeo copy -q --dest-tls-verify=false --dest-creds %s:%s 'oci:%s:latest' 'docker://%s'"
            .formatted(TokenServer.USER, TokenServer.PASSWORD, layout, image));
    Files.writeString(
        work.resolve("Hello.java"),
        "class Hello { public static void main(String[] a) { System.out.println(\"hello\"); } }");
    shell("'%s/bin/javac' -d '%s' '%s/Hello.java'".formatted(javaHome(), work, work));
    libisal = unpacksWithLibisal(image);
    System.out.println("inflater of jimage: " + (libisal ? "libisal" : "the JDK's zlib"));
    for (int i = 0; i < rounds; i++) {
      round(image);
    }
    floors(layout);
    print();
  }

  private void round(String image) {
    String tool = "'" + jimage + "' -q --store '" + work + "/store' ";
    Path copy = work.resolve("copy");
    settle("store copy copy-jdk");
    double pull = time("jimage pull", tool + "pull " + image);
    double bundle = time("jimage bundle --mode copy", tool + "bundle " + image + " '" + copy + "'");
    add("jimage pull + bundle --mode copy", pull + bundle);
    if (libisal) {
      settle("");
      String jdk = "JIMAGE_INFLATER=jdk " + tool + "bundle " + image + " '" + copy + "-jdk'";
      double without = time("jimage bundle --mode copy, without libisal", jdk);
      add(WITHOUT_LIBISAL, pull + without);
    }

    settle("layout umoci");
    double skopeo =
        time(
            "skopeo copy",
            "skopeo copy -q --src-tls-verify=false 'docker://%s' 'oci:%s/layout:bench'"
                .formatted(image, work));
    double umoci =
        time(
            "umoci unpack",
            "umoci unpack --image '%s/layout:bench' '%s/umoci'".formatted(work, work));
    add("skopeo copy + umoci unpack", skopeo + umoci);

    if (Files.isExecutable(Path.of("/usr/bin/podman"))) {
      String podman =
          "podman --root '%1$s/podman' --runroot '%1$s/podman-run' --storage-driver overlay"
              .formatted(work);
      settle("podman podman-run");
      time("podman pull", podman + " pull -q --tls-verify=false " + image);
      shell("umount -l '%1$s/podman/overlay' '%1$s/podman-run' 2>/dev/null; true".formatted(work));
    }

    String one = "'" + work + "/one' ";
    String two = "'" + work + "/two' ";
    settle("");
    time(
        "jimage bundle --mode overlay, the first",
        tool + "bundle --mode overlay " + image + " " + one);
    time(
        "jimage bundle --mode overlay, one more",
        tool + "bundle --mode overlay " + image + " " + two);
    shell("'" + jimage + "' -q unbundle " + one + "; '" + jimage + "' -q unbundle " + two);
    time("jimage images", tool + "images");
    time("jimage inspect", tool + "inspect " + image);
    time(
        "JVM hello world",
        "'%s/bin/java' -XX:+UseSerialGC -cp '%s' Hello".formatted(javaHome(), work));
  }

  // It takes the library by itself where there is one that it can take.
  private boolean unpacksWithLibisal(String image) {
    String store = work.resolve("store").toString();
    Command.of(jimage.toString(), "-q", "--store", store, "pull", image).run().ok();
    return Command.of(jimage.toString(), "--store", store, "verify", image)
            .with("JIMAGE_INFLATER", "libisal")
            .run()
            .code()
        == 0;
  }

  private static String javaHome() {
    return System.getProperty("java.home");
  }

  // Nothing of the round before is there, and nothing of it waits to be written. It is out of the
  // way
  // and not removed: for a minute or more, ext4 steps over every inode that was freed when it looks
  // for
  // a free one (recently_deleted), which took up to half of the time of whoever unpacked next.
  private void settle(String names) {
    for (String name : names.split(" ")) {
      if (!name.isEmpty()) {
        shell(
            "cd '%s' && mkdir -p old && { [ ! -e %s ] || mv %s old/%s-%d; }"
                .formatted(work, name, name, name, ++aside));
      }
    }
    shell("sync -f '" + work + "'");
  }

  private void floors(Path layout) {
    String blobs = layout + "/blobs/sha256";
    settle("");
    // The documents, which are no gzip, are over at once.
    String each = "for f in '" + blobs + "'/*; do gzip -dc $f 2>/dev/null >";
    time("floor: gzip -dc of all layers", each + "/dev/null; done; true");
    shell("mkdir -p '" + work + "/plain'");
    shell(each + "'" + work + "'/plain/${f##*/}; done; find '" + work + "/plain' -empty -delete");
    settle("");
    time(
        "floor: tar -x of the plain tars",
        "mkdir '%1$s/tree'; for f in '%1$s'/plain/*; do tar -xf $f -C '%1$s/tree'; done"
            .formatted(work));
  }

  /** Runs it, keeps how long it took, processor time of all its processes and the most memory. */
  private double time(String what, String command) {
    Path report = work.resolve("time");
    long start = System.nanoTime();
    shell(
        TIME
            + " -o '"
            + report
            + "' -f '%M %U %S' sh -c \""
            + command.replace("$", "\\$")
            + "\" >/dev/null");
    double millis = (System.nanoTime() - start) / 1e6;
    add(what, millis);
    try {
      String[] used = Files.readString(report).strip().split(" ");
      memory.merge(what, Long.parseLong(used[0]), Math::max);
      double seconds = Double.parseDouble(used[1]) + Double.parseDouble(used[2]);
      processor.computeIfAbsent(what, _ -> new Series()).add(seconds);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return millis;
  }

  private void add(String what, double millis) {
    times.computeIfAbsent(what, _ -> new Series()).add(millis);
  }

  private void print() {
    System.out.println("| what | ms, median and range | processor time, s | peak memory, MiB |");
    System.out.println("|---|---|---|---|");
    times.forEach((what, series) -> {
      Long kibibytes = memory.get(what);
      Series seconds = processor.get(what);
      String most = kibibytes == null ? "" : String.valueOf(kibibytes >> 10);
      String busy = seconds == null ? "" : String.format(Locale.ROOT, "%.2f", seconds.median());
      System.out.println("| " + what + " | " + series + " | " + busy + " | " + most + " |");
    });
    System.out.println();
    System.out.println("| ratio | is | at most |");
    System.out.println("|---|---|---|");
    String ours = "jimage pull + bundle --mode copy";
    ratio(ours, "skopeo copy + umoci unpack", "0.50");
    ratio(ours, "podman pull", "0.60");
    if (libisal) {
      ratio(WITHOUT_LIBISAL, "skopeo copy + umoci unpack", "");
      ratio(WITHOUT_LIBISAL, "podman pull", "");
    }
    ratio("jimage bundle --mode overlay, one more", "umoci unpack", "0.05");
    ratio("jimage images", "JVM hello world", "10");
    ratio("jimage inspect", "JVM hello world", "10");
  }

  private void ratio(String ours, String theirs, String most) {
    Series one = times.get(ours);
    Series other = times.get(theirs);
    if (one == null || other == null) {
      System.out.println(
          "| " + ours + " / " + theirs + " | not measured: not installed | " + most + " |");
      return;
    }
    String ratio = String.format(Locale.ROOT, "%.3f", one.median() / other.median());
    System.out.println("| " + ours + " / " + theirs + " | " + ratio + " | " + most + " |");
  }

  private static void shell(String command) {
    try {
      Process process =
          new ProcessBuilder(new ArrayList<>(List.of("sh", "-c", command)))
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      Expect.that(code == 0, command + " ended with " + code + "\n" + said);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

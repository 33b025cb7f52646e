package dev.jrunc.image.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.image.digest.Digest;
import dev.jrunc.image.layer.RawTar;
import dev.jrunc.image.registry.FaultyRegistry;
import dev.jrunc.image.registry.TestImage;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Layers that are the blobs their manifest names, but not what the configuration says they unpack
 * to. A pull does not unpack them; whatever does must refuse them and leave nothing.
 */
class WrongLayerTest {
  private static final String GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
  private static final byte[] BASE = new RawTar().file("base", "x".repeat(50_000)).bytes();
  private static final byte[] TOP = new RawTar().folder("d").file("d/top", "y").bytes();
  private static final byte[] PACKED = TestImage.packGzip(TOP);
  private static final String WRONG =
      "(%s) has the wrong content: its diff_id is %s, the image's configuration names %s"
          .formatted(brief(PACKED), Digest.sha256(TOP), Digest.sha256(BASE));
  private static final String FOUND =
      "layer %s: it unpacks to %s, the image's configuration names %s"
          .formatted(Digest.sha256(PACKED), Digest.sha256(TOP), Digest.sha256(BASE));

  @TempDir Path folder = Path.of("unset");
  private @Nullable FaultyRegistry started;

  private record Outcome(int code, String out, String err) {}

  @BeforeEach
  void start() throws IOException {
    started = new FaultyRegistry();
  }

  @AfterEach
  void stop() {
    registry().close();
  }

  @Test
  void isRefusedAsACopy() throws IOException {
    pull("latest", new TestImage().layer(GZIP, PACKED, BASE));
    refusesBundle("latest", "copy", "layer 1 " + WRONG);
  }

  @Test
  void isRefusedAsAnOverlay() throws IOException {
    onlyRootMounts();
    pull("latest", new TestImage().layer(GZIP, PACKED, BASE));
    refusesBundle("latest", "overlay", "layer 1 " + WRONG);
  }

  @Test
  void isFoundByVerify() throws IOException {
    pull("latest", new TestImage().layer(GZIP, PACKED, BASE));
    refusesImage("latest", FOUND);
  }

  @Test
  void isRefusedUponLayersThatAreRight() throws IOException {
    onlyRootMounts();
    pull("good", new TestImage().gzip(BASE));
    assertEquals(0, bundle("good", "overlay", "good").code);
    assertEquals(0, run("unbundle", folder.resolve("good").toString()).code);
    pull("latest", new TestImage().gzip(BASE).layer(GZIP, PACKED, BASE));
    refusesBundle("latest", "copy", "layer 2 " + WRONG);
    refusesBundle("latest", "overlay", "layer 2 " + WRONG);
    refusesImage("latest", FOUND);
    assertEquals(0, run("verify", name("good")).code);
  }

  @Test
  void isRefusedWhereAnotherImageHasItRight() throws IOException {
    pull("latest", new TestImage().gzip(TOP));
    pull("liar", new TestImage().layer(GZIP, PACKED, BASE));
    refusesBundle("liar", "copy", "layer 1 " + WRONG);
    refusesImage("liar", FOUND);
    assertEquals(0, run("verify", name("latest")).code);
    assertEquals(0, bundle("latest", "copy", "right").code);
    assertEquals("y", Files.readString(folder.resolve("right/rootfs/d/top")));
  }

  @Test
  void isRefusedAsAnOverlayWhereAnotherImageHasItRight() throws IOException {
    onlyRootMounts();
    pull("latest", new TestImage().gzip(TOP));
    assertEquals(0, bundle("latest", "overlay", "right").code);
    assertEquals(0, run("unbundle", folder.resolve("right").toString()).code);
    pull("liar", new TestImage().layer(GZIP, PACKED, BASE));
    refusesBundle("liar", "overlay", "layer 1 " + WRONG);
  }

  @Test
  void isNotCompared() throws IOException {
    pull("latest", new TestImage().gzip(TOP));
    pull("liar", new TestImage().layer(GZIP, PACKED, BASE));
    Outcome outcome = run("diff", name("latest"), name("liar"));
    assertEquals(1, outcome.code, outcome.out);
    assertEquals("", outcome.out);
    assertTrue(outcome.err.contains("layer 1 " + WRONG), outcome.err);
  }

  // Each would be one call deeper in the library.
  @Test
  void ofEndlessExtraHeadersIsNotCompared() throws IOException {
    RawTar hostile = new RawTar();
    for (int i = 0; i < 30_000; i++) {
      hostile.paxHeader('g', "comment", "x");
    }
    pull("latest", new TestImage().gzip(TOP));
    pull("hostile", new TestImage().gzip(hostile.file("f", "").bytes()));
    Outcome outcome = run("diff", name("latest"), name("hostile"));
    assertEquals(1, outcome.code, outcome.out);
    assertTrue(outcome.err.contains("more than 8 extra headers before one entry"), outcome.err);
  }

  @Test
  void pastTheLimitsIsNotCompared() throws IOException {
    pull("latest", new TestImage().gzip(TOP));
    pull("large", new TestImage().gzip(TOP).gzip(BASE));
    Outcome outcome = run("diff", "--limit", "bytes=30000", name("latest"), name("large"));
    assertEquals(1, outcome.code, outcome.out);
    assertTrue(
        outcome.err.contains("is where the image comes to more than 30000 bytes"), outcome.err);
    assertEquals(0, run("diff", name("latest"), name("large")).code);
  }

  @Test
  void ofDamagedGzipWithARightDigestIsRefused() throws IOException {
    byte[] packed = TestImage.packGzip(TestImage.tar(1, 600_000));
    byte[] cut = Arrays.copyOf(packed, 1000);
    pull("latest", new TestImage().layer(GZIP, cut, TestImage.tar(1, 600_000)));
    refusesImage(
        "latest",
        "layer %s: it cannot be unpacked: gzip data ends too early".formatted(Digest.sha256(cut)));
    byte[] half = TestImage.packGzip(BASE);
    half = Arrays.copyOf(half, half.length - 10);
    pull("tar", new TestImage().layer(GZIP, half, BASE));
    String reason = "layer 1 (%s) cannot be read: gzip data ends too early".formatted(brief(half));
    refusesBundle("tar", "copy", reason);
    refusesImage("tar", "gzip data ends too early");
    if (isRoot()) {
      refusesBundle("tar", "overlay", reason);
    }
  }

  private static boolean isRoot() {
    return Linux.over(new JnrGate()).credentials().effectiveUid() == 0;
  }

  private static void onlyRootMounts() {
    Assumptions.assumeTrue(isRoot(), "only root mounts");
  }

  private static String brief(byte[] blob) {
    return Digest.sha256(blob).toString().substring(0, 19);
  }

  private FaultyRegistry registry() {
    return Objects.requireNonNull(started);
  }

  private String name(String tag) {
    return registry().host() + "/demo:" + tag;
  }

  private void pull(String tag, TestImage image) {
    registry().push("demo", tag, image);
    Outcome outcome = run("-q", "pull", name(tag), "--platform=linux/amd64");
    assertEquals(0, outcome.code, outcome.err);
  }

  private Outcome bundle(String tag, String mode, String made) {
    return run(
        "--platform=linux/amd64",
        "bundle",
        "--mode=" + mode,
        name(tag),
        folder.resolve(made).toString());
  }

  private void refusesBundle(String tag, String mode, String reason) throws IOException {
    List<Path> before = files();
    Outcome outcome = bundle(tag, mode, "made");
    assertEquals(1, outcome.code, outcome.out);
    assertEquals("", outcome.out);
    assertTrue(outcome.err.contains(reason), outcome.err);
    assertFalse(Files.exists(folder.resolve("made")), "the folder that was made");
    assertEquals(before, files(), "something is left");
    assertFalse(
        Files.readString(Path.of("/proc/self/mountinfo")).contains(folder.toString()),
        "a mount is left");
  }

  private void refusesImage(String tag, String finding) {
    Outcome outcome = run("verify", name(tag));
    assertEquals(1, outcome.code, outcome.err);
    assertTrue(outcome.out.contains(finding), outcome.out);
    assertTrue(outcome.out.contains(name(tag) + " is damaged"), outcome.out);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.endsWith(".lock"))
          .sorted()
          .toList();
    }
  }

  private Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = new String[arguments.length + 2];
    all[0] = "--store";
    all[1] = folder.resolve("store").toString();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    CommandLine command = JimageCommand.commandLine();
    int code =
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(all);
    return new Outcome(code, out.toString(), err.toString());
  }
}

package dev.jrunc.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecWriterTest {

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Nested
  class Config {

    @Test
    void everythingComesBackByteForByte() {
      String everything = text(Document.resource("/golden/config/everything.json"));
      SpecReading<Spec> reading =
          SpecReader.readConfig(everything.getBytes(StandardCharsets.UTF_8));
      assertEquals(List.of(), reading.violations());
      assertEquals(List.of(), reading.notes());
      assertEquals(everything, text(SpecWriter.config(reading.valid(), "\t")) + "\n");
    }

    @Test
    void aCompactOneReadsAsTheSame() {
      Spec spec =
          SpecReader.readConfig(Document.resource("/golden/config/everything.json")).valid();
      byte[] compact = SpecWriter.config(spec, "");
      assertEquals(-1, text(compact).indexOf('\n'));
      assertEquals(spec, SpecReader.readConfig(compact).valid());
    }

    @Test
    void aListOfNoFlagsOfAFilterIsNotTheSameAsNone() {
      assertEquals(List.of(), flags("[]"));
      assertNull(flags("null"));
      assertNull(flags("-"));
    }

    // As it is after it was written and read again.
    private static @Nullable List<String> flags(String given) {
      byte[] config = Document.bytes(Document.everythingBut("/linux/seccomp/flags", given));
      byte[] written = SpecWriter.config(SpecReader.readConfig(config).valid(), "");
      Linux linux = Objects.requireNonNull(SpecReader.readConfig(written).valid().linux());
      return Objects.requireNonNull(linux.seccomp()).givenFlags();
    }

    @Test
    void anEmptyStringIsAbsentAsInGo() {
      Spec spec =
          SpecReader.readConfig(
                  Document.bytes(Document.everythingBut("/process/apparmorProfile", "\"\"")))
              .valid();
      assertEquals(spec, SpecReader.readConfig(SpecWriter.config(spec, "")).valid());
    }
  }

  @Nested
  class Default {

    @Test
    void isWhatRuncWritesButForVersionAndAmbientCapabilities(@TempDir Path folder)
        throws IOException, InterruptedException {
      String ours = text(SpecWriter.config(DefaultSpec.forRoot(hasCgroupNamespace()), "\t"));
      assertEquals(withoutAmbient(spec(folder)), ours);
    }

    @Test
    void isWhatRuncWritesWithoutRoot(@TempDir Path folder)
        throws IOException, InterruptedException {
      String theirs = withoutAmbient(spec(folder, "--rootless"));
      long uid = ((Number) Files.getAttribute(folder, "unix:uid")).longValue();
      long gid = ((Number) Files.getAttribute(folder, "unix:gid")).longValue();
      Spec ours = DefaultSpec.rootless(uid, gid, hasCgroupNamespace());
      assertEquals(theirs, text(SpecWriter.config(ours, "\t")));
    }

    private static String spec(Path folder, String... more)
        throws IOException, InterruptedException {
      Path runc = Path.of("/usr/sbin/runc");
      Assumptions.assumeTrue(Files.isExecutable(runc), "no " + runc + " to compare with");
      List<String> command = new java.util.ArrayList<>(List.of(runc.toString(), "spec"));
      command.addAll(List.of(more));
      java.lang.Process process =
          new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start();
      assertEquals(0, process.waitFor());
      return Files.readString(folder.resolve("config.json"));
    }

    // runc 1.1 writes the version it was built for, and ambient capabilities which, for lack of
    // inheritable ones, never came to be; later ones left them out (CVE-2022-29162's tidying up).
    private static String withoutAmbient(String config) {
      int start = config.indexOf(",\n\t\t\t\"ambient\": [");
      String rest = start < 0 ? "" : config.substring(config.indexOf(']', start) + 1);
      return (start < 0 ? config : config.substring(0, start) + rest)
          .replaceFirst(
              "\"ociVersion\": \"[^\"]*\"", "\"ociVersion\": \"" + DefaultSpec.OCI_VERSION + "\"");
    }

    private static boolean hasCgroupNamespace() {
      return Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    }
  }

  @Nested
  class OfState {
    private static final State RUNNING =
        new State(
            "1.3.0",
            "web",
            ContainerStatus.RUNNING,
            4422,
            "/containers/web",
            "/containers/web/rootfs",
            "2026-01-02T03:04:05.678Z",
            new LinkedHashMap<>(Map.of("b", "2", "a", "<1>")),
            "");

    @Test
    void hasRuncsOrderAndEscapes() {
      assertEquals(
          """
          {
            "ociVersion": "1.3.0",
            "id": "web",
            "pid": 4422,
            "status": "running",
            "bundle": "/containers/web",
            "rootfs": "/containers/web/rootfs",
            "created": "2026-01-02T03:04:05.678Z",
            "annotations": {
              "a": "\\u003c1\\u003e",
              "b": "2"
            },
            "owner": ""
          }\
          """,
          text(SpecWriter.state(RUNNING, "  ")));
    }

    @Test
    void comesBackAsItWasWritten() {
      assertEquals(RUNNING, SpecReader.readState(SpecWriter.state(RUNNING, "")).valid());
    }

    @Test
    void keepsOurSchema() {
      assertEquals(
          List.of(),
          Schemas.ours("state").validate(Document.parse(text(SpecWriter.state(RUNNING, "")))));
    }

    @Test
    void withoutRequiredFieldsIsRefused() {
      assertEquals(
          List.of("/id", "/status", "/bundle"),
          SpecReader.readState("{\"ociVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8))
              .violations()
              .stream()
              .map(Violation::pointer)
              .toList());
    }
  }
}

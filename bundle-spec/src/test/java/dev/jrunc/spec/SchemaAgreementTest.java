package dev.jrunc.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Our reader, our schema and the specification's schema give the same verdict. */
class SchemaAgreementTest {
  private static final Schema CONFIG = Schemas.ours("config");

  /** One config that differs from a good one in one place. */
  private record Mutant(String pointer, String value, JsonNode config) {
    @Override
    public String toString() {
      return pointer + " = " + value;
    }
  }

  private static boolean readerAccepts(JsonNode config) {
    return SpecReader.readShape(Document.bytes(config)).violations().isEmpty();
  }

  // No null, which our reader takes for absent, and no 1.0, which a schema takes for whole: see the
  // description of our schema.
  private static final List<String> VALUES =
      List.of(
          "true",
          "-1180591620717411303424",
          "1180591620717411303424",
          "1.5",
          "-1",
          "-2",
          "7",
          "600",
          "1000000000",
          "\"RLIMIT_NONE\"",
          "\"rslave\"",
          "70000",
          "\"NO_SUCH_WORD\"",
          "\"\"",
          "[]",
          "{}",
          "[[]]",
          "{\"x\":{}}",
          "{\"x\":7}");

  private static List<Mutant> mutants(JsonNode good) {
    List<String> pointers = new ArrayList<>();
    collect(good, "", pointers);
    List<Mutant> mutants = new ArrayList<>();
    for (String pointer : pointers) {
      for (String value : VALUES) {
        JsonNode changed = Document.with(good.deepCopy(), pointer, Document.parse(value));
        mutants.add(new Mutant(pointer, value, changed));
      }
      mutants.add(new Mutant(pointer, "-", Document.without(good.deepCopy(), pointer)));
    }
    return mutants;
  }

  private static void collect(JsonNode node, String pointer, List<String> pointers) {
    if (!pointer.isEmpty()) {
      pointers.add(pointer);
    }
    node.properties()
        .forEach(
            e -> collect(e.getValue(), pointer + "/" + e.getKey().replace("/", "~1"), pointers));
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      collect(node.get(i), pointer + "/" + i, pointers);
    }
  }

  /** The configs that jrunc makes by itself, and all it can write. */
  private static List<JsonNode> written() {
    List<Spec> specs = new ArrayList<>();
    for (boolean version2 : List.of(true, false)) {
      specs.add(DefaultSpec.forRoot(version2));
      specs.add(DefaultSpec.rootless(1000, 1001, version2));
    }
    specs.add(SpecReader.readConfig(Document.bytes(Document.everything())).valid());
    return specs.stream()
        .map(
            spec -> Document.parse(new String(SpecWriter.config(spec, ""), StandardCharsets.UTF_8)))
        .toList();
  }

  @Nested
  class OurSchemaAndOurReader {

    @Test
    void agreeOnEveryMutantOfEverything() {
      List<Mutant> mutants = mutants(Document.everything());
      List<String> torn =
          mutants.stream()
              .filter(m -> Schemas.accepts(CONFIG, m.config()) != readerAccepts(m.config()))
              .map(Mutant::toString)
              .toList();
      assertEquals(List.of(), torn);
      long refused = mutants.stream().filter(m -> !readerAccepts(m.config())).count();
      assertTrue(
          refused > 2000 && mutants.size() - refused > 500,
          refused + " refused of " + mutants.size());
    }

    @Test
    void acceptWhatWeWriteOurselves() {
      for (JsonNode config : written()) {
        assertEquals(List.of(), CONFIG.validate(config));
        assertTrue(readerAccepts(config), config.toString());
      }
    }
  }

  @Nested
  class WithTheSpecification {

    /**
     * Where we refuse more, because the kernel would, or less, because engines write it. Digits in
     * pointers are left out.
     */
    private static final Set<String> DIFFERENCES =
        new TreeSet<>(
            List.of(
                // A terminal has 16 bits for each, a mask of modes 9.
                "/process/consoleSize/height",
                "/process/consoleSize/width",
                "/process/user/umask",
                "/process/oomScoreAdj",
                "/process/ioPriority/priority",
                "/process/rlimits/#/type",
                // Seconds that a poll takes; an empty string, which Go does not tell from an absent
                // one.
                "/hooks/prestart/#/timeout",
                "/linux/intelRdt/memBwSchema",
                // Only the kernel's two clocks are known at all; the others break a rule, not the
                // shape; nanoseconds stay below a second.
                "/linux/timeOffsets",
                "/linux/timeOffsets/monotonic/nanosecs",
                // Numbers of devices have 32 bits; Docker gives modes with the bits of the type.
                "/linux/devices/#/major",
                "/linux/devices/#/minor",
                "/linux/devices/#/fileMode",
                "/linux/resources/devices/#/type",
                "/linux/resources/devices/#/major",
                "/linux/resources/devices/#/minor",
                "/linux/resources/devices/#/access",
                "/linux/resources/blockIO/weightDevice/#/major",
                "/linux/resources/blockIO/weightDevice/#/minor",
                "/linux/resources/blockIO/throttleReadBpsDevice/#/major",
                "/linux/resources/blockIO/throttleReadBpsDevice/#/minor",
                "/linux/resources/blockIO/throttleWriteBpsDevice/#/major",
                "/linux/resources/blockIO/throttleWriteBpsDevice/#/minor",
                "/linux/resources/blockIO/throttleReadIOPSDevice/#/major",
                "/linux/resources/blockIO/throttleReadIOPSDevice/#/minor",
                "/linux/resources/blockIO/throttleWriteIOPSDevice/#/major",
                "/linux/resources/blockIO/throttleWriteIOPSDevice/#/minor",
                // Docker's default; the kernel's words with all mounts below.
                "/linux/rootfsPropagation",
                // Since 1.3 Go's struct leaves an unset limit out.
                "/linux/resources/pids",
                "/linux/resources/pids/limit",
                // What a filter may return has 16 bits, a system call six arguments.
                "/linux/seccomp/defaultErrnoRet",
                "/linux/seccomp/syscalls/#/errnoRet",
                "/linux/seccomp/syscalls/#/args/#/index"));

    @Test
    void theFixturesHaveTheSameVerdict() throws IOException {
      Schema official = Schemas.official("config-schema.json");
      int compared = 0;
      for (Path file : fixtures("config")) {
        // Sections of other platforms are not looked at.
        if (file.endsWith("freebsd-vnet-disable.json")) {
          continue;
        }
        byte[] text = Files.readAllBytes(file);
        boolean good = file.toString().contains("/good/");
        assertEquals(good, SpecReader.readShape(text).violations().isEmpty(), file.toString());
        if (!file.endsWith("invalid-json.json")) {
          JsonNode config = Document.MAPPER.readTree(text);
          assertEquals(good, Schemas.accepts(official, config), file.toString());
          assertEquals(good, Schemas.accepts(CONFIG, config), file.toString());
        }
        compared++;
      }
      assertTrue(compared >= 13, "only " + compared + " fixtures");
    }

    @Test
    void theFixturesOfStateAndFeaturesHaveTheSameVerdict() throws IOException {
      for (String kind : List.of("state", "features")) {
        Schema official = Schemas.official(kind + "-schema.json");
        Schema ours = Schemas.ours(kind);
        for (Path file : fixtures(kind)) {
          if (!file.endsWith("invalid-json.json")) {
            JsonNode document = Document.MAPPER.readTree(Files.readAllBytes(file));
            boolean good = file.toString().contains("/good/");
            assertEquals(good, Schemas.accepts(official, document), file.toString());
            assertEquals(good, Schemas.accepts(ours, document), file.toString());
          }
        }
      }
    }

    @Test
    void whatWeWriteIsAccepted() {
      Schema config = Schemas.official("config-schema.json");
      written().forEach(each -> assertEquals(List.of(), config.validate(each), each.toString()));
      Schema official = Schemas.official("state-schema.json");
      Schema ours = Schemas.ours("state");
      for (ContainerStatus status : ContainerStatus.values()) {
        State state =
            new State(
                "1.3.0", "web", status, 7, "/web", "/web/rootfs", "", Map.of("a", "b"), "root");
        JsonNode document =
            Document.parse(new String(SpecWriter.state(state, ""), StandardCharsets.UTF_8));
        assertEquals(List.of(), ours.validate(document), document.toString());
        // "paused" is runc's word: the specification leaves further ones to runtimes.
        boolean known = status != ContainerStatus.PAUSED;
        assertEquals(known, Schemas.accepts(official, document), document.toString());
      }
    }

    @Test
    void theMutantsHaveTheSameVerdictButForTheNamedDifferences() {
      Schema official = Schemas.official("config-schema.json");
      Set<String> differ = new TreeSet<>();
      Set<String> unexplained = new TreeSet<>();
      for (Mutant m : mutants(Document.everything())) {
        if (Schemas.accepts(official, m.config()) != readerAccepts(m.config())) {
          String place = m.pointer().replaceAll("/[0-9]+(?=/|$)", "/#");
          differ.add(place);
          if (!DIFFERENCES.contains(place)) {
            unexplained.add(m.toString());
          }
        }
      }
      assertEquals(Set.of(), unexplained);
      assertEquals(DIFFERENCES, differ, "a difference that is no more must leave the list");
    }

    @Test
    void theConfigThatPodmanWroteIsReadWithoutViolationsAndNotes() throws IOException {
      Path file = Schemas.specification().resolve("../../podman-bundle/config.json");
      byte[] text = Files.readAllBytes(file);
      SpecReading<Spec> reading = SpecReader.readConfig(text);
      assertEquals(List.of(), reading.violations());
      assertEquals(List.of(), reading.notes());
      JsonNode config = Document.MAPPER.readTree(text);
      assertTrue(Schemas.accepts(CONFIG, config));
      JsonNode written = Document.MAPPER.readTree(SpecWriter.config(reading.valid(), ""));
      assertEquals(config, written);
    }

    private static List<Path> fixtures(String kind) throws IOException {
      List<Path> all = new ArrayList<>();
      for (String verdict : List.of("good", "bad")) {
        try (Stream<Path> files =
            Files.list(Schemas.specification().resolve("test").resolve(kind).resolve(verdict))) {
          all.addAll(files.sorted().toList());
        }
      }
      return all;
    }
  }
}

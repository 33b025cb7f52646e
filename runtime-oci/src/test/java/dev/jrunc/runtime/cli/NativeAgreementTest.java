package dev.jrunc.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.doctor.Doctor;
import dev.jrunc.runtime.error.Failure;
import dev.jrunc.runtime.plan.PlanOptions;
import dev.jrunc.runtime.seccomp.FilterLibrary;
import dev.jrunc.runtime.seccomp.SeccompKnowledge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jnr.ffi.LibraryLoader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The executable says what the same classes say on the JVM, byte for byte; it neither crashes nor
 * hangs. {@code -Djrunc.binary=PATH} names it.
 */
class NativeAgreementTest {
  private static final int LONGEST_SECONDS = 20;

  private final String binary = System.getProperty("jrunc.binary", "");
  private @TempDir Path folder = Path.of("");

  /** What a run of the executable left. */
  private record Outcome(int code, String out, String err) {}

  @BeforeEach
  void needsTheExecutable() {
    assumeTrue(!binary.isEmpty(), "needs -Djrunc.binary=PATH");
  }

  private static Telling onTheJvm() {
    Linux linux = Linux.over(new JnrGate());
    FilterLibrary library = LibraryLoader.create(FilterLibrary.class).load("libseccomp.so.2");
    return new Telling(linux, new SeccompKnowledge(linux, library), PlanOptions.Driver.CGROUPFS);
  }

  private Outcome executable(String... words) throws Exception {
    List<String> line = new ArrayList<>(List.of(binary, "--log-format", "json"));
    line.addAll(List.of(words));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    boolean ended = process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertTrue(ended, () -> line + " hangs");
    return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private interface Teller {
    Telling.Told tell(String bundle, Telling.Form form);
  }

  @Test
  void onFeatures() throws Exception {
    assertEquals(onTheJvm().features().text(), executable("features").out());
  }

  @Test
  void onDoctor() throws Exception {
    List<String> environment = new ArrayList<>();
    System.getenv().forEach((name, value) -> environment.add(name + "=" + value));
    String root = folder.resolve("state").toString();
    Doctor doctor = new Doctor(Linux.over(new JnrGate()), environment, root);
    for (Telling.Form form : Telling.Form.values()) {
      List<String> words = new ArrayList<>(List.of("--root", root, "doctor"));
      if (form == Telling.Form.MACHINES) {
        words.add("--json");
      }
      Outcome outcome = executable(words.toArray(String[]::new));
      Telling.Told told = Telling.diagnosis(doctor.diagnose(), form);
      assertEquals(told.text(), outcome.out());
      assertEquals(told.code(), outcome.code(), outcome::err);
    }
  }

  @Test
  void onValidateOfEveryConfig() throws Exception {
    Telling telling = onTheJvm();
    onEveryConfig("validate", telling::validate);
  }

  @Test
  void onPlanOfEveryConfig() throws Exception {
    Telling telling = onTheJvm();
    onEveryConfig(
        "plan",
        (bundle, form) ->
            telling.plan(bundle, dev.jrunc.runtime.network.NetworkRequest.asConfigured(), form));
  }

  private void onEveryConfig(String command, Teller teller) throws Exception {
    List<Corpus.Entry> all = Corpus.all();
    assertTrue(all.size() > 350, "only " + all.size() + " configs");
    Path bundle = Files.createDirectories(folder.resolve("bundle"));
    Files.createDirectories(bundle.resolve("rootfs"));
    for (Corpus.Entry entry : all) {
      Files.write(bundle.resolve("config.json"), entry.config());
      agree(entry.name(), teller, Telling.Form.PEOPLE, command, bundle.toString());
      agree(entry.name(), teller, Telling.Form.MACHINES, command, "--json", bundle.toString());
    }
  }

  private void agree(String name, Teller teller, Telling.Form form, String... words)
      throws Exception {
    Outcome outcome = executable(words);
    String bundle = words[words.length - 1];
    try {
      Telling.Told told = teller.tell(bundle, form);
      assertEquals(told.text(), outcome.out(), name);
      assertEquals(told.code(), outcome.code(), () -> name + " " + outcome.err());
    } catch (Failure e) {
      assertFailure(name, e, outcome);
    }
  }

  private static void assertFailure(String name, Failure expected, Outcome outcome)
      throws IOException {
    assertEquals(1, outcome.code(), name);
    assertFalse(outcome.err().isEmpty(), name);
    JsonNode line = new ObjectMapper().readTree(outcome.err());
    assertEquals(expected.getMessage(), line.path("msg").asText(), name);
    assertEquals(expected.pointer(), line.path("pointer").asText(), name);
    assertTrue(expected.code() != Failure.Code.INTERNAL, name);
  }
}

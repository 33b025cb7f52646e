package dev.jrunc.runtime.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jrunc.kernel.Linux;
import dev.jrunc.kernel.jnr.JnrGate;
import dev.jrunc.runtime.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFileTest {
  private final Linux linux = Linux.over(new JnrGate());
  private @TempDir Path folder = Path.of("");

  private Path file() {
    return folder.resolve("trace.json");
  }

  private void add(String... phases) {
    Trace trace = new Trace(linux);
    Timeline own = trace.own(Track.COMMAND);
    for (String phase : phases) {
      own.begin(phase, "/at/" + phase);
    }
    trace.shared(Track.STAGE).begin("joining", "");
    trace.shared(Track.CONTAINER).begin("mounting", "");
    new TraceFile(linux, file().toString()).add(trace, "create \"x\"");
  }

  private List<JsonNode> events() throws IOException {
    List<JsonNode> events = new ArrayList<>();
    for (JsonNode event : new ObjectMapper().readTree(file().toFile())) {
      if (event.path("ph").asText().equals("X")) {
        events.add(event);
      }
    }
    return events;
  }

  @Test
  void eachProcessHasItsThreadAndEveryPhaseItsPlace() throws IOException {
    add("one", "two");
    List<JsonNode> events = events();
    assertEquals(
        List.of("one 1", "two 1", "joining 2", "mounting 3"),
        events.stream().map(e -> e.path("name").asText() + " " + e.path("tid").asInt()).toList());
    assertEquals("/at/two", events.get(1).at("/args/pointer").asText());
  }

  @Test
  void aPhaseLastsUntilTheNext() throws IOException {
    add("one", "two");
    JsonNode one = events().get(0);
    double end = one.path("ts").asDouble() + one.path("dur").asDouble();
    assertEquals(events().get(1).path("ts").asDouble(), end, 1.0);
  }

  @Test
  void theFileIsWholeAfterEachCommand() throws IOException {
    add("one");
    add("two");
    add("three");
    assertEquals(9, events().size());
  }

  @Test
  void namesAndPointersOfAnyLengthAreCut() throws IOException {
    add("n".repeat(500));
    assertEquals(56, events().get(0).path("name").asText().length());
    assertEquals(172, events().get(0).at("/args/pointer").asText().length());
  }

  @Test
  void moreThanItHoldsIsLeftOut() throws IOException {
    String[] many = new String[6000];
    java.util.Arrays.fill(many, "again");
    add(many);
    assertTrue(events().size() > 4000 && events().size() < 4100, "" + events().size());
  }

  @Test
  void aFileThatIsNoTraceIsLeftAlone() throws IOException {
    Files.writeString(file(), "{\"ociVersion\": \"1.0.2\"}\n");
    Failure failure = assertThrows(Failure.class, () -> add("one"));
    assertEquals("trace " + file() + " is a file that holds no trace", failure.getMessage());
    assertEquals("{\"ociVersion\": \"1.0.2\"}\n", Files.readString(file()));
  }
}

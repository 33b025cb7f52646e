package dev.jrunc.conformance.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No flag and no field without a case, or a reason. */
class RequirementsTest {
  private static final Path COMPLETION = Path.of("..", "docs", "completion", "jrunc.bash");
  private static final Pattern COMMAND =
      Pattern.compile("(?m)^    ([a-z*]+)\\) COMPREPLY=\\(\\$\\(compgen -W \"([^\"]*)\"");

  /** What jrunc's table of commands has, in the form it is written to the completion. */
  private static List<String> flags() throws IOException {
    List<String> flags = new ArrayList<>();
    Matcher line = COMMAND.matcher(Files.readString(COMPLETION));
    while (line.find()) {
      String command = line.group(1).equals("*") ? "" : line.group(1) + " ";
      for (String word : line.group(2).split(" ")) {
        if (word.startsWith("--")) {
          flags.add(command + word);
        }
      }
      if (!command.isEmpty()) {
        flags.add(command.strip());
      }
    }
    return flags;
  }

  private static List<String> all() throws IOException {
    List<String> all = new ArrayList<>(flags());
    all.addAll(Requirements.fields());
    return all;
  }

  @Test
  void everyFlagAndEveryFieldHasACaseOrAReason() throws IOException {
    List<Requirements.Line> lines = Requirements.lines();
    List<String> all = all();
    assertTrue(all.size() > 250, "only " + all.size() + " flags and fields");
    Set<String> missing = new TreeSet<>();
    for (String each : all) {
      if (lines.stream().noneMatch(line -> line.covers(each))) {
        missing.add(each);
      }
    }
    assertEquals(Set.of(), missing, "add a line to requirements.txt for each");
  }

  @Test
  void noLineIsOfNothing() throws IOException {
    List<String> all = all();
    List<String> idle =
        Requirements.lines().stream()
            .filter(line -> all.stream().noneMatch(line::covers))
            .map(Requirements.Line::what)
            .toList();
    assertEquals(List.of(), idle, "no such flag or field");
  }

  @Test
  void everyLineNamesACase() {
    Set<String> names = new HashSet<>();
    Suite.cases().forEach(each -> names.add(each.name()));
    List<String> unknown =
        Requirements.lines().stream()
            .filter(line -> !line.excepted() && !names.contains(line.by()))
            .map(Requirements.Line::by)
            .toList();
    assertEquals(List.of(), unknown, "no such case");
  }

  @Test
  void everyRuleNamesCases() {
    Set<String> names = new HashSet<>();
    Suite.cases().forEach(each -> names.add(each.name()));
    List<Requirements.Line> rules = Requirements.rules();
    assertTrue(rules.size() > 75, rules.size() + " rules");
    List<String> unknown =
        rules.stream()
            .flatMap(rule -> Stream.of(rule.by().split("; ")))
            .filter(name -> !names.contains(name))
            .toList();
    assertEquals(List.of(), unknown, "no such case");
  }

  @Test
  void noTwoCasesHaveOneName() {
    Set<String> names = new HashSet<>();
    List<String> twice =
        Stream.concat(
                Suite.cases().stream().map(Case::name),
                Suite.imageCases().stream().map(ImageCases.ImageCase::name))
            .filter(name -> !names.add(name))
            .toList();
    assertEquals(List.of(), twice);
  }

  @Test
  void everyCaseThatTheDocumentsNameIsThere() throws IOException {
    Set<String> names = new HashSet<>();
    Suite.imageCases().forEach(each -> names.add(each.name()));
    List<String> named = new ArrayList<>();
    for (String document : List.of("layers.md", "registry.md")) {
      Pattern.compile("\\*case\\* `([^`]+)`")
          .matcher(Files.readString(Path.of("..", "docs", document)))
          .results()
          .forEach(each -> named.add(each.group(1)));
    }
    assertTrue(named.size() > 50, named::toString);
    named.removeAll(names);
    assertEquals(List.of(), named, "no such case");
  }

  @Test
  void exceptionsAreFewAndReasoned() {
    List<Requirements.Line> exceptions =
        Requirements.lines().stream().filter(Requirements.Line::excepted).toList();
    assertTrue(exceptions.size() <= 25, exceptions.size() + " exceptions");
    exceptions.forEach(line -> assertTrue(line.by().length() > 20, line.what() + " has no reason"));
  }
}

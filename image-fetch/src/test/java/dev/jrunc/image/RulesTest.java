package dev.jrunc.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/layers.md and docs/registry.md name a test for every rule: the tests are there. */
class RulesTest {
  private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+Test)\\.(\\w+)`");
  private static final Pattern ANY = Pattern.compile("`\\w+Test|\\*case\\* `|`make test-hard`");

  private static List<String> rows() throws IOException {
    List<String> rows = new ArrayList<>();
    for (String document : List.of("layers.md", "registry.md")) {
      Files.readAllLines(Path.of("..", "docs", document)).stream()
          .filter(line -> line.startsWith("| "))
          .filter(line -> !line.matches("\\| (rule|report|of theirs) \\|.*"))
          .forEach(rows::add);
    }
    return rows;
  }

  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> files = Files.walk(Path.of("src", "test", "java"))) {
      for (Path file : files.filter(each -> each.toString().endsWith("Test.java")).toList()) {
        String name = String.valueOf(file.getFileName());
        sources.put(name.substring(0, name.length() - ".java".length()), Files.readString(file));
      }
    }
    return sources;
  }

  @Test
  void everyRuleNamesATest() throws IOException {
    List<String> without = rows().stream().filter(row -> !ANY.matcher(row).find()).toList();
    assertEquals(List.of(), without);
    assertTrue(rows().size() > 140, rows().size() + " rows");
  }

  @Test
  void everyTestIsThere() throws IOException {
    Map<String, String> sources = sources();
    List<String> missing = new ArrayList<>();
    for (String row : rows()) {
      TEST.matcher(row)
          .results()
          .filter(test ->
              !sources.getOrDefault(test.group(1), "").contains(" void " + test.group(2) + "("))
          .forEach(test -> missing.add(test.group()));
    }
    assertEquals(List.of(), missing);
  }
}

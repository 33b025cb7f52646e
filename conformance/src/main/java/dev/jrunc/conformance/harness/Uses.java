package dev.jrunc.conformance.harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * What a case has put before the runtime: the flags of each command, such as {@code run --detach},
 * and the fields of each config as pointers with # for an index, such as {@code
 * /mounts/#/options/#}. It is what keeps a case to what it is said to cover.
 */
public final class Uses {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LARGEST = 1 << 20;

  /** The commands that every runtime with runc's command line has. */
  public static final List<String> RUNC_COMMANDS =
      List.of(
          "create",
          "run",
          "start",
          "state",
          "kill",
          "delete",
          "exec",
          "ps",
          "list",
          "pause",
          "resume",
          "update",
          "events",
          "spec",
          "features");

  private static final Set<String> COMMANDS = commands();

  private static Set<String> commands() {
    Set<String> all = new HashSet<>(RUNC_COMMANDS);
    all.addAll(List.of("doctor", "validate", "plan", "checkpoint", "restore", "network"));
    return all;
  }

  private static final Map<String, String> LETTERS =
      Map.ofEntries(
          Map.entry("-b", "--bundle"),
          Map.entry("-d", "--detach"),
          Map.entry("-a", "--all"),
          Map.entry("-q", "--quiet"),
          Map.entry("-e", "--env"),
          Map.entry("-t", "--tty"),
          Map.entry("-u", "--user"),
          Map.entry("-g", "--additional-gids"),
          Map.entry("-p", "--process"),
          Map.entry("-c", "--cap"),
          Map.entry("-r", "--resources"));

  private final Set<String> seen = new ConcurrentSkipListSet<>();

  /** Notes one command line, and what the files hold that it names. */
  void note(List<String> words, List<String> containers, Path bundle) {
    String command = "";
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (containers.contains(word) || word.equals("--")) {
        break;
      }
      if (command.isEmpty() && COMMANDS.contains(word)) {
        command = word;
        seen.add(command);
      } else if (word.startsWith("-")) {
        String flag = flag(command, word.replaceFirst("=.*", ""));
        seen.add((command + " " + flag).strip());
        String value = i + 1 < words.size() ? words.get(i + 1) : "";
        fileOf(flag, value);
      }
    }
    if (Set.of("create", "run", "exec").contains(command)) {
      fields("", bundle.resolve("config.json"));
    }
  }

  private void fileOf(String flag, String value) {
    switch (flag) {
      case "--bundle" -> fields("", Path.of(value, "config.json"));
      case "--process" -> fields("/process", Path.of(value));
      case "--resources" -> fields("/linux/resources", Path.of(value));
      default -> {} // The others name no such file.
    }
  }

  private static String flag(String command, String word) {
    if (word.equals("-f")) {
      return command.equals("delete") ? "--force" : "--format";
    }
    if (word.equals("-p") && !command.equals("exec")) {
      return "--publish";
    }
    return LETTERS.getOrDefault(word, word);
  }

  private void fields(String prefix, Path file) {
    try {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) < LARGEST) {
        fields(JSON.readTree(file.toFile()), prefix);
      }
    } catch (IOException e) {
      // A case that is about what cannot be read.
      seen.add("unreadable");
    }
  }

  private void fields(JsonNode node, String pointer) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              each -> fields(each.getValue(), pointer + "/" + each.getKey().replace("/", "~1")));
    } else if (node.isArray()) {
      node.forEach(each -> fields(each, pointer + "/#"));
    } else {
      seen.add(pointer);
    }
  }

  /** Whether this flag or field was used; a * in it stands for any name. */
  public boolean has(String flagOrField) {
    if (flagOrField.indexOf('*') < 0) {
      return seen.contains(flagOrField);
    }
    String pattern = flagOrField.replace("*", "[^/]*");
    return seen.stream().anyMatch(each -> each.matches(pattern));
  }
}

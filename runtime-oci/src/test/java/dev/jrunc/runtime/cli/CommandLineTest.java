package dev.jrunc.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jrunc.runtime.error.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandLineTest {

  private static ParsedCommand parse(String line) {
    return CommandLine.parse(line.isEmpty() ? List.of() : List.of(line.split(" ")));
  }

  @Test
  void globalsStandBeforeTheCommandAndFlagsAfterIt() {
    ParsedCommand line =
        parse("--root /r --log=/l --log-format json create --bundle /b --pid-file=/p x");
    assertEquals("/r", line.global("root"));
    assertEquals("/l", line.global("log"));
    assertEquals("json", line.global("log-format"));
    assertEquals("/b", line.value("bundle"));
    assertEquals("/p", line.value("pid-file"));
    assertEquals(List.of("x"), line.arguments());
  }

  @Test
  void flagsMayFollowTheContainer() {
    ParsedCommand line = parse("delete x --force");
    assertTrue(line.on("force"));
    assertEquals(List.of("x"), line.arguments());
  }

  @Test
  void oneDashDoesForLongFlagsToo() {
    assertEquals("/b", parse("run -bundle /b x").value("bundle"));
    assertTrue(parse("run -d x").on("detach"));
    assertFalse(parse("run --detach=false x").on("detach"));
  }

  @Test
  void switchesTakeGosWords() {
    for (String word : List.of("1", "t", "T", "true", "True", "TRUE")) {
      assertTrue(parse("--debug=" + word + " state x").globalOn("debug"), word);
    }
    for (String word : List.of("0", "f", "F", "false", "False", "FALSE")) {
      ParsedCommand line = parse("--systemd-cgroup=" + word + " run --detach=" + word + " x");
      assertFalse(line.globalOn("systemd-cgroup"), word);
      assertFalse(line.on("detach"), word);
    }
    assertRefused("--debug=yes list", "Incorrect Usage. invalid boolean value \"yes\" for -debug");
  }

  @Test
  void helpThatIsSwitchedOffIsNone() {
    assertFalse(parse("run --help=false x").on("help"));
    assertRefused("run --help=false", "Incorrect Usage. run requires a minimum of 1 argument(s)");
  }

  @Test
  void theLineOfExecIsLeftAlone() {
    ParsedCommand line = parse("exec -t --env A=1 -e B=2 x ls -la --user 5");
    assertTrue(line.on("tty"));
    assertEquals(List.of("A=1", "B=2"), line.values("env"));
    assertEquals(List.of("x", "ls", "-la", "--user", "5"), line.arguments());
  }

  @Test
  void twoDashesEndTheFlags() {
    assertEquals(List.of("-x"), parse("state -- -x").arguments());
  }

  @Test
  void whatCannotBeIsRefusedInRuncsWords() {
    assertRefused("run --nope x", "Incorrect Usage. flag provided but not defined: -nope");
    assertRefused("run", "Incorrect Usage. run requires a minimum of 1 argument(s)");
    assertRefused("state x y", "Incorrect Usage. state takes at most 1 argument(s)");
    assertRefused("run --bundle", "Incorrect Usage. flag needs an argument: -bundle");
    assertRefused("frobnicate", "No help topic for 'frobnicate'");
    assertRefused("checkpoint x", "checkpoint is not supported");
  }

  private static void assertRefused(String line, String message) {
    Failure failure = assertThrows(Failure.class, () -> parse(line));
    assertTrue(String.valueOf(failure.getMessage()).startsWith(message), failure.getMessage());
  }

  @Test
  void signalsGoByNameAndNumber() {
    for (String word : List.of("KILL", "kill", "SIGKILL", "9")) {
      assertEquals(9, SignalName.number(word));
    }
    assertEquals(28, SignalName.number("WINCH"));
    assertThrows(Failure.class, () -> SignalName.number("NOPE"));
    assertThrows(Failure.class, () -> SignalName.number("-9"));
    assertThrows(Failure.class, () -> SignalName.number("9x"));
  }
}

package dev.jrunc.image.cli;

import dev.jrunc.image.failure.ImageFailure;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jimage}: the options that every command takes, and the commands. */
@Command(
    name = "jimage",
    version = "jimage " + JimageCommand.VERSION,
    mixinStandardHelpOptions = true,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    description = "Pulls container images and turns them into bundles that an OCI runtime runs.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:done",
      " 1:the work failed; the store and the folder are as they were",
      " 2:the command line makes no sense"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  jimage pull alpine                      the newest Alpine from Docker Hub",
      "  jimage pull --platform linux/arm64 127.0.0.1:5000/demo:1.2",
      "  mkdir web && cd web && jimage bundle    makes config.json and rootfs of the last pull",
      "  jimage images --json"
    })
public final class JimageCommand implements Runnable {
  static final String VERSION = "0.1.0";

  private static final Map<String, Supplier<Object>> COMMANDS = commands();

  @Spec private CommandSpec spec;

  @Mixin private final CommonOptions common = new CommonOptions();

  @SuppressWarnings("NullAway.Init") // picocli fills the specification in
  JimageCommand() {}

  private static Map<String, Supplier<Object>> commands() {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("pull", PullCommand::new);
    commands.put("bundle", BundleCommand::new);
    commands.put("mount", MountCommand::new);
    commands.put("unbundle", UnbundleCommand::new);
    commands.put("verify", VerifyCommand::new);
    commands.put("commit", CommitCommand::new);
    commands.put("images", ImagesCommand::new);
    commands.put("inspect", InspectCommand::new);
    commands.put("tags", TagsCommand::new);
    commands.put("tag", TagCommand::new);
    commands.put("diff", DiffCommand::new);
    commands.put("push", PushCommand::new);
    commands.put("copy", CopyCommand::new);
    commands.put("rm", RemoveCommand::new);
    commands.put("gc", GarbageCommand::new);
    commands.put("du", DiskUseCommand::new);
    commands.put("login", LoginCommand::new);
    commands.put("logout", LogoutCommand::new);
    commands.put("ratelimit", RateLimitCommand::new);
    commands.put("completion", CompletionCommand::new);
    return commands;
  }

  /** Runs one command line and answers its exit code. */
  public static int run(String... arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    try {
      return commandLine(arguments).setOut(out).setErr(err).execute(arguments);
    } catch (OutOfMemoryError e) {
      // All that the command held is free again.
      err.println(
          "jimage: more than the "
              + (Runtime.getRuntime().maxMemory() >> 20)
              + " MiB of memory are needed for so many files; JIMAGE_JAVA_OPTS=-Xmx8g gives more");
      return 1;
    }
  }

  /** With all commands, for those who want to know them. */
  static CommandLine commandLine() {
    CommandLine jimage = new CommandLine(new JimageCommand());
    COMMANDS.forEach((name, command) -> jimage.addSubcommand(name, command.get()));
    return settings(jimage);
  }

  /** With the commands alone that a command line can mean: to look into each costs a start time. */
  static CommandLine commandLine(String... arguments) {
    CommandLine jimage = new CommandLine(new JimageCommand());
    for (String word : arguments) {
      Supplier<Object> command = COMMANDS.get(word);
      if (command != null && !jimage.getSubcommands().containsKey(word)) {
        jimage.addSubcommand(word, command.get());
      }
    }
    return jimage.getSubcommands().isEmpty() || jimage.getSubcommands().containsKey("completion")
        ? commandLine()
        : settings(jimage);
  }

  private static CommandLine settings(CommandLine jimage) {
    return jimage
        .setUsageHelpWidth(100)
        .setOverwrittenOptionsAllowed(true)
        .setExecutionExceptionHandler(JimageCommand::failed)
        .setParameterExceptionHandler(JimageCommand::misused);
  }

  CommonOptions common() {
    return common;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "a command is missing; jimage --help lists them");
  }

  private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (!(failure instanceof ImageFailure)) {
      throw failure;
    }
    say(command, String.valueOf(failure.getMessage()));
    return 1;
  }

  private static int misused(ParameterException failure, String[] arguments) {
    String message = String.valueOf(failure.getMessage()).lines().findFirst().orElse("bad usage");
    say(failure.getCommandLine(), message);
    return 2;
  }

  private static void say(CommandLine command, String sentence) {
    // Names in it can be an image's: they get no new line and no terminal to command.
    command.getErr().println("jimage: " + sentence.replaceAll("\\p{Cc}", "?"));
  }
}

package dev.jrunc.image.cli;

import dev.jrunc.image.failure.ImageFailure;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** {@code jimage}: the options that every command takes, and the commands. */
public final class JimageCommand implements Runnable {
  static final String VERSION = "0.1.0";

  private static final Map<String, Function<JimageCommand, Object>> COMMANDS = commands();

  private final CommonOptions common = new CommonOptions();
  private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

  private JimageCommand() {}

  private static Map<String, Function<JimageCommand, Object>> commands() {
    Map<String, Function<JimageCommand, Object>> commands = new LinkedHashMap<>();
    commands.put("pull", PullCommand::describe);
    commands.put("bundle", BundleCommand::describe);
    commands.put("mount", _ -> new MountCommand());
    commands.put("unbundle", _ -> new UnbundleCommand());
    commands.put("verify", _ -> new VerifyCommand());
    commands.put("commit", _ -> new CommitCommand());
    commands.put("images", ImagesCommand::describe);
    commands.put("inspect", InspectCommand::describe);
    commands.put("tags", _ -> new TagsCommand());
    commands.put("tag", _ -> new TagCommand());
    commands.put("diff", _ -> new DiffCommand());
    commands.put("push", _ -> new PushCommand());
    commands.put("copy", _ -> new CopyCommand());
    commands.put("rm", _ -> new RemoveCommand());
    commands.put("gc", _ -> new GarbageCommand());
    commands.put("du", _ -> new DiskUseCommand());
    commands.put("login", _ -> new LoginCommand());
    commands.put("logout", _ -> new LogoutCommand());
    commands.put("ratelimit", _ -> new RateLimitCommand());
    commands.put("completion", _ -> new CompletionCommand());
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
    JimageCommand root = new JimageCommand();
    CommandLine jimage = new CommandLine(root.describe());
    COMMANDS.forEach((name, command) -> jimage.addSubcommand(name, command.apply(root)));
    return settings(jimage);
  }

  /** With the commands alone that a command line can mean: to look into each costs a start time. */
  static CommandLine commandLine(String... arguments) {
    JimageCommand root = new JimageCommand();
    CommandLine jimage = new CommandLine(root.describe());
    for (String word : arguments) {
      Function<JimageCommand, Object> command = COMMANDS.get(word);
      if (command != null && !jimage.getSubcommands().containsKey(word)) {
        jimage.addSubcommand(word, command.apply(root));
      }
    }
    return jimage.getSubcommands().isEmpty() || jimage.getSubcommands().containsKey("completion")
        ? commandLine()
        : settings(jimage);
  }

  private CommandSpec describe() {
    spec.name("jimage").version("jimage " + VERSION);
    common.addTo(spec);
    spec.addOption(Options.help()).addOption(Options.version());
    Map<String, String> codes = new LinkedHashMap<>();
    codes.put(" 0", "done");
    codes.put(" 1", "the work failed; the store and the folder are as they were");
    codes.put(" 2", "the command line makes no sense");
    spec.usageMessage()
        .sortOptions(false)
        .synopsisSubcommandLabel("COMMAND")
        .description("Pulls container images and turns them into bundles that an OCI runtime runs.")
        .exitCodeListHeading("%nExit codes:%n")
        .exitCodeList(codes)
        .footerHeading("%nExamples:%n")
        .footer(
            "  jimage pull alpine                      the newest Alpine from Docker Hub",
            "  jimage pull --platform linux/arm64 127.0.0.1:5000/demo:1.2",
            "  mkdir web && cd web && jimage bundle    makes config.json and rootfs of the last pull",
            "  jimage images --json");
    return spec;
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

  private static int failed(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    say(
        command,
        switch (failure) {
          case ImageFailure foreseen -> String.valueOf(foreseen.getMessage());
          case InvalidPathException path ->
              "no file can be called \"%s\" in this locale: %s"
                  .formatted(path.getInput(), path.getReason());
          default -> fault(failure);
        });
    return 1;
  }

  /** For what nobody foresaw: where it was, so that a report helps. */
  private static String fault(Exception failure) {
    StackTraceElement[] trace = failure.getStackTrace();
    String ours =
        Arrays.stream(trace)
            .filter(each -> each.getClassName().startsWith("dev.jrunc."))
            .findFirst()
            .map(each -> " at " + each)
            .orElse("");
    return "a fault of jimage itself: %s%s; please report it".formatted(failure, ours);
  }

  private static int misused(ParameterException failure, String[] arguments) {
    String message = String.valueOf(failure.getMessage()).lines().findFirst().orElse("bad usage");
    say(failure.getCommandLine(), message);
    return 2;
  }

  private static void say(CommandLine command, String sentence) {
    command.getErr().println("jimage: " + Visible.of(sentence));
  }
}

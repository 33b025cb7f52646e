package dev.jrunc.image.cli;

import dev.jrunc.image.failure.ImageFailure;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
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
    subcommands = {
      PullCommand.class,
      BundleCommand.class,
      UnbundleCommand.class,
      VerifyCommand.class,
      CommitCommand.class,
      ImagesCommand.class,
      InspectCommand.class,
      RemoveCommand.class,
      CompletionCommand.class
    },
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

  @Spec private CommandSpec spec;

  @Mixin private final CommonOptions common = new CommonOptions();

  @SuppressWarnings("NullAway.Init") // picocli fills the specification in
  JimageCommand() {}

  /** Runs one command line and answers its exit code. */
  public static int run(String... arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    return commandLine().setOut(out).setErr(err).execute(arguments);
  }

  static CommandLine commandLine() {
    return new CommandLine(new JimageCommand())
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

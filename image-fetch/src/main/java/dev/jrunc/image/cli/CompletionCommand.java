package dev.jrunc.image.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = "Prints the script that completes jimage's words in bash.",
    footerHeading = "%nExample:%n",
    footer = "  source <(jimage completion)")
final class CompletionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli fills the field in
  CompletionCommand() {}

  @Override
  public Integer call() {
    spec.commandLine().getOut().println(AutoComplete.bash("jimage", spec.root().commandLine()));
    return 0;
  }
}

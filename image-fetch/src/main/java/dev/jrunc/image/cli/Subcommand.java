package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.registry.RegistryClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What the commands of jimage have in common. */
abstract class Subcommand implements Callable<Integer> {
  @ParentCommand private JimageCommand parent;
  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli fills the fields in
  Subcommand() {}

  /** Describes it without annotations, see {@link Options}. */
  final CommandSpec described(JimageCommand jimage, String name, String description) {
    parent = jimage;
    spec = CommandSpec.wrapWithoutInspection(this).name(name);
    spec.usageMessage().sortOptions(false).description(description);
    return spec;
  }

  final CommonOptions common() {
    return parent.common();
  }

  final CommandSpec spec() {
    return spec;
  }

  /** Tells a person what happens, unless they want it quiet. */
  final void say(String sentence) {
    if (!common().quiet()) {
      warn(sentence);
    }
  }

  /** Tells it also one who wants it quiet. */
  final void warn(String sentence) {
    spec.commandLine().getErr().println(Visible.of(sentence));
  }

  /** Prints a line of the result; all of it can be what an image or a registry says. */
  final void line(String text) {
    spec.commandLine().getOut().println(Visible.of(text));
  }

  final RegistryClient connect() {
    return common().registry().connect(this::say);
  }

  final void print(JsonNode tree) {
    spec.commandLine().getOut().println(Visible.json(tree));
  }
}

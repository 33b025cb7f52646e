package dev.jrunc.image.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jrunc.image.auth.CredentialStore;
import dev.jrunc.image.reference.ImageReference;
import dev.jrunc.image.registry.RegistryClient;
import dev.jrunc.image.registry.RegistryListener;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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

  /** To ask the registry of an image, with what the command line says about credentials. */
  final RegistryClient connect(ImageReference image) {
    return connect(image, "--creds", common().creds(), this::say);
  }

  /**
   * The same with credentials from an option of the command's own.
   *
   * @param creds as they were written, null for none
   */
  final RegistryClient connect(
      ImageReference image, String option, @Nullable String creds, RegistryListener listener) {
    CredentialStore kept =
        CredentialStore.of(System.getenv(), RegistryOptions.home(), common().authFile());
    return common()
        .registry()
        .connect(
            listener,
            creds == null ? kept : kept.with(image.host(), PasswordInput.of(option, creds)));
  }

  final void print(JsonNode tree) {
    spec.commandLine().getOut().println(Visible.json(tree));
  }
}

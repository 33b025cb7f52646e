package dev.jrunc.image.cli;

import java.util.Comparator;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The page for man(1), section 1, made from the table of commands that jimage itself parses by. */
final class ManualPage {
  private static final List<String[]> ENVIRONMENT =
      List.of(
          new String[] {
            "JIMAGE_MIRRORS",
            "addresses to ask before a registry itself, HOST=URL, with commas between"
          },
          new String[] {"JIMAGE_CA, SSL_CERT_FILE", "files of certificates to trust too"},
          new String[] {
            "REGISTRY_AUTH_FILE", "the one file of credentials to read, in place of those below"
          },
          new String[] {
            "JIMAGE_INFLATER",
            "jdk or libisal: what takes gzip layers apart, in place of libisal where there is one"
          },
          new String[] {"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "proxies, and who is reached without"},
          new String[] {
            "CONTAINERS_REGISTRIES_CONF", "the registries.conf to read in place of the system's"
          },
          new String[] {"XDG_DATA_HOME", "where the store of a user is, if not root"});

  private static final List<String[]> FILES =
      List.of(
          new String[] {
            "/var/lib/jimage, ~/.local/share/jimage", "the store of root, and of any other user"
          },
          new String[] {
            "$XDG_RUNTIME_DIR/containers/auth.json, ~/.config/containers/auth.json,"
                + " ~/.docker/config.json",
            "credentials, as podman login or docker login keep them; the first that knows the"
                + " registry decides"
          },
          new String[] {
            "~/.config/containers/certs.d, /etc/containers/certs.d, /etc/docker/certs.d",
            "in a folder called HOST[:PORT]: certificates to trust (*.crt), and to show (*.cert"
                + " with *.key)"
          },
          new String[] {
            "/etc/containers/registries.conf, /etc/containerd/certs.d/HOST/hosts.toml,"
                + " /etc/docker/daemon.json",
            "mirrors, insecure and blocked registries; those of a user below ~/.config"
          },
          new String[] {
            "~/.config/containers/policy.json, /etc/containers/policy.json",
            "which images may be pulled, and whose signatures they need"
          });

  private final StringBuilder page = new StringBuilder();

  private ManualPage() {}

  static String of(CommandLine jimage) {
    return new ManualPage().write(jimage.getCommandSpec());
  }

  private String write(CommandSpec jimage) {
    UsageMessageSpec usage = jimage.usageMessage();
    line(".TH JIMAGE 1 \"\" \"jimage " + JimageCommand.VERSION + "\"");
    line(".SH NAME");
    line("jimage \\- pulls container images and makes bundles of them");
    line(".SH SYNOPSIS");
    line(".B jimage");
    line("[options] command [options] [arguments]");
    line(".SH DESCRIPTION");
    text(String.join("\n", usage.description()));
    line(".SH OPTIONS");
    text("Every command takes them too, before its name or after it.");
    options(jimage);
    line(".SH COMMANDS");
    jimage.subcommands().values().forEach(command -> command(command.getCommandSpec()));
    line(".SH EXIT STATUS");
    usage.exitCodeList().forEach((code, meaning) -> item(code.strip(), meaning));
    line(".SH ENVIRONMENT");
    ENVIRONMENT.forEach(each -> item(each[0], each[1]));
    line(".SH FILES");
    FILES.forEach(each -> item(each[0], each[1]));
    line(".SH EXAMPLES");
    asItIs(usage.footer());
    line(".SH SEE ALSO");
    line(".BR jrunc (8)");
    return page.toString();
  }

  private void command(CommandSpec command) {
    StringBuilder synopsis = new StringBuilder(command.name());
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      boolean needed = parameter.arity().min() > 0;
      synopsis.append(needed ? " " : " [").append(parameter.paramLabel()).append(needed ? "" : "]");
    }
    line(".SS " + escaped(synopsis.toString()));
    text(String.join("\n", command.usageMessage().description()));
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      item(parameter.paramLabel(), String.join(" ", parameter.description()));
    }
    options(command);
    if (command.usageMessage().footer().length > 0) {
      line(".PP");
      asItIs(command.usageMessage().footer());
    }
  }

  // Those that a command has of its own: all have help, and the common ones. Sorted, because the
  // library finds some by reflection, in no order.
  private void options(CommandSpec command) {
    command.options().stream()
        .filter(option -> !option.hidden())
        .filter(option -> command.parent() == null || !general(option))
        .sorted(Comparator.comparing(OptionSpec::longestName))
        .forEach(this::option);
  }

  private static boolean general(OptionSpec option) {
    return option.usageHelp() || option.versionHelp() || option.inherited();
  }

  private void option(OptionSpec option) {
    String argument = option.arity().max() > 0 ? " " + option.paramLabel() : "";
    item(String.join(", ", option.names()) + argument, String.join(" ", option.description()));
  }

  private void item(String name, String meaning) {
    line(".TP");
    line(".B " + escaped(name));
    text(meaning);
  }

  private void asItIs(String[] lines) {
    line(".nf");
    for (String each : lines) {
      text(each);
    }
    line(".fi");
  }

  // A line that begins with a dot or a quote would be a request.
  private void text(String text) {
    String escaped = escaped(text);
    line(escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped);
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-");
  }

  private void line(String line) {
    page.append(line).append('\n');
  }
}

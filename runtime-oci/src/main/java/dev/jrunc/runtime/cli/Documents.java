package dev.jrunc.runtime.cli;

import java.util.ArrayList;
import java.util.List;

/** Manual page and shell completion, made from the command table; not reached by jrunc itself. */
final class Documents {
  private Documents() {}

  /** A page for man(1), section 8. */
  static String manualPage() {
    StringBuilder page = new StringBuilder();
    page.append(".TH JRUNC 8 \"\" \"jrunc ").append(Version.NUMBER).append("\"\n");
    page.append(".SH NAME\njrunc \\- a low-level OCI container runtime\n");
    page.append(".SH SYNOPSIS\n.B jrunc\n[global options] command [options] [arguments]\n");
    page.append(".SH DESCRIPTION\njrunc makes containers from OCI bundles: folders with\n");
    page.append(".I config.json\nand a root file system. It takes runc's command line.\n");
    page.append(".SH GLOBAL OPTIONS\n");
    options(page, CommandTable.globals());
    page.append(".SH COMMANDS\n");
    for (String name : CommandTable.NAMES) {
      Command command = CommandTable.find(name);
      if (command != null) {
        page.append(".SS ").append(name).append(' ').append(escaped(command.arguments()));
        page.append('\n').append(escaped(command.text())).append(".\n");
        options(page, command.options());
        page.append(".PP\nExample:\n.B ").append(escaped(command.example())).append('\n');
      }
    }
    page.append(".SH EXIT STATUS\n0 on success, 1 on any failure of jrunc itself.\n");
    page.append(
        ".B run\nand\n.B exec\ngive the program's own status, or 128 and the number of the\n");
    page.append(
        "signal that ended it;\n.B exec\ngives 255 where the program could not be started.\n");
    page.append("A signal (HUP, INT, QUIT or TERM) to\n.B create,\n.B run\nor\n.B exec\n");
    page.append(
        "while it sets up ends it with 128 and the number of the signal, once all is unmade\n");
    page.append("that was made.\n");
    page.append(".SH FILES\n.I /run/jrunc\nholds the state of containers, if\n.B \\-\\-root\n");
    page.append("names no other folder.\n");
    return page.toString();
  }

  private static void options(StringBuilder page, List<Option> options) {
    for (Option option : options) {
      page.append(".TP\n.B \\-\\-").append(escaped(option.name()));
      page.append(option.isSwitch() ? "" : " " + escaped(option.argument()));
      page.append(option.letter() == ' ' ? "" : ", \\-" + option.letter());
      page.append('\n').append(escaped(option.text())).append('\n');
    }
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("-", "\\-");
  }

  /** A script for bash; zsh reads it through bashcompinit. */
  static String bashCompletion() {
    StringBuilder script = new StringBuilder();
    script.append("# bash completion for jrunc, made from its table of commands\n");
    script.append("_jrunc() {\n  local word=${COMP_WORDS[COMP_CWORD]} command= i\n");
    script.append("  for ((i = 1; i < COMP_CWORD; i++)); do\n");
    script.append("    case ${COMP_WORDS[i]} in\n");
    script.append("      ").append(String.join(" | ", CommandTable.NAMES));
    script.append(") command=${COMP_WORDS[i]}; break ;;\n    esac\n  done\n");
    script.append("  case $command in\n");
    for (String name : CommandTable.NAMES) {
      Command command = CommandTable.find(name);
      if (command != null) {
        String container =
            command.arguments().startsWith("CONTAINER") ? " $(jrunc list -q 2>/dev/null)" : "";
        script.append("    ").append(name).append(") COMPREPLY=($(compgen -W \"");
        script.append(names(command.options())).append(container).append("\" -- \"$word\")) ;;\n");
      }
    }
    script.append("    *) COMPREPLY=($(compgen -W \"");
    script.append(String.join(" ", CommandTable.NAMES)).append(' ');
    script.append(names(CommandTable.globals())).append("\" -- \"$word\")) ;;\n");
    script.append("  esac\n}\ncomplete -F _jrunc jrunc\n");
    return script.toString();
  }

  private static String names(List<Option> options) {
    List<String> names = new ArrayList<>();
    for (Option option : options) {
      names.add("--" + option.name());
    }
    return String.join(" ", names);
  }
}

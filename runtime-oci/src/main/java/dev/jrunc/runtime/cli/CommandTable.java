package dev.jrunc.runtime.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every command and flag. Each is made when it is asked for, since a start needs but one. */
final class CommandTable {
  /** Names in the order that help shows them. */
  static final List<String> NAMES =
      List.of(
          "create",
          "delete",
          "doctor",
          "events",
          "exec",
          "features",
          "kill",
          "list",
          "network",
          "pause",
          "plan",
          "ps",
          "resume",
          "run",
          "spec",
          "start",
          "state",
          "update",
          "validate");

  private CommandTable() {}

  static List<Option> globals() {
    return List.of(
        Option.of("debug", "", "log more, and Java's stack traces"),
        Option.of("log", "FILE", "write errors to FILE and not to standard error alone"),
        Option.of("log-format", "FORMAT", "text or json (text)"),
        Option.of("trace", "FILE", "add how long each phase takes to FILE, as Chrome trace events"),
        Option.of("root", "DIR", "where the state of containers is kept (/run/jrunc)"),
        Option.of(
            "systemd-cgroup",
            "",
            "have systemd make the cgroups; cgroupsPath is then SLICE:PREFIX:NAME"),
        Option.of("rootless", "WHEN", "true, false or auto; accepted, it is found out (auto)"),
        Option.of("help", 'h', "", "show this help"),
        Option.of("version", 'v', "", "show the version"));
  }

  static @Nullable Command find(String name) {
    return switch (name) {
      case "create" ->
          new Command(
              name,
              "CONTAINER",
              1,
              1,
              "make a container; its program waits for start",
              creation(false),
              "jrunc create --bundle /srv/web web");
      case "run" ->
          new Command(
              name,
              "CONTAINER",
              1,
              1,
              "make a container and run its program",
              creation(true),
              "jrunc run web");
      case "start" ->
          command(name, "CONTAINER", "let a created container run its program", "jrunc start web");
      case "state" ->
          command(name, "CONTAINER", "print a container's state as JSON", "jrunc state web");
      case "pause" -> command(name, "CONTAINER", "freeze all its processes", "jrunc pause web");
      case "resume" -> command(name, "CONTAINER", "thaw all its processes", "jrunc resume web");
      case "exec" -> exec(name);
      case "kill" ->
          new Command(
              name,
              "CONTAINER [SIGNAL]",
              1,
              2,
              "send a signal (TERM) to a container's first process",
              List.of(Option.of("all", 'a', "", "to all its processes")),
              "jrunc kill web KILL");
      case "delete" ->
          new Command(
              name,
              "CONTAINER",
              1,
              1,
              "delete a stopped container",
              List.of(Option.of("force", 'f', "", "kill it first if it runs")),
              "jrunc delete --force web");
      case "list" ->
          new Command(
              name,
              "",
              0,
              0,
              "list containers",
              List.of(
                  Option.of("format", 'f', "FORMAT", "table or json (table)"),
                  Option.of("quiet", 'q', "", "only the ids")),
              "jrunc list --format json");
      case "ps" ->
          new Command(
              name,
              "CONTAINER",
              1,
              -1,
              "list the processes of a container",
              List.of(Option.of("format", 'f', "FORMAT", "table or json (table)")),
              "jrunc ps --format json web");
      case "doctor" ->
          new Command(
              name,
              "",
              0,
              0,
              "say what this host and this user can do, and what to do about the rest",
              List.of(Option.of("json", "", "for programs")),
              "jrunc doctor");
      case "features" ->
          new Command(
              name,
              "",
              0,
              0,
              "print as JSON what this runtime can do",
              List.of(),
              "jrunc features");
      case "spec" ->
          new Command(
              name,
              "",
              0,
              0,
              "write a config.json to start from",
              List.of(
                  Option.of("bundle", 'b', "DIR", "where to write it (the current folder)"),
                  Option.of("rootless", "", "for a user without root")),
              "jrunc spec");
      case "plan" ->
          new Command(
              name,
              "[BUNDLE]",
              0,
              1,
              "say step by step what create would do with a bundle, and do nothing",
              planning(),
              "jrunc plan /srv/web");
      case "network" ->
          new Command(
              name,
              "ls | inspect [NAME] | check CONTAINER | prune | gc CNI-NETWORK",
              1,
              2,
              "show the bridges that --network makes and who is on them, or remove what is unused",
              List.of(Option.of("json", "", "for programs")),
              "jrunc network inspect jrunc0");
      case "validate" ->
          new Command(
              name,
              "[BUNDLE]",
              0,
              1,
              "say all that is wrong with a bundle, and what this host lacks for it",
              List.of(Option.of("json", "", "for programs")),
              "jrunc validate --json /srv/web");
      case "events" ->
          new Command(
              name,
              "CONTAINER",
              1,
              1,
              "show what a container uses, and when it runs out of memory, as lines of JSON",
              List.of(
                  Option.of("interval", "TIME", "time between two lines, such as 10s (5s)"),
                  Option.of("stats", "", "show one line and end")),
              "jrunc events --stats web");
      case "update" ->
          new Command(
              name,
              "CONTAINER",
              1,
              1,
              "change the limits of a container",
              update(),
              "jrunc update --memory 64M --cpu-quota 50000 web");
      case "checkpoint" ->
          command(name, "CONTAINER", "save a running container; not supported yet", "");
      case "restore" -> command(name, "CONTAINER", "make it run again; not supported yet", "");
      default -> null;
    };
  }

  /** Whether a command is known and not built yet. */
  static boolean isPlanned(String name) {
    return name.equals("checkpoint") || name.equals("restore");
  }

  private static Command command(String name, String arguments, String text, String example) {
    return new Command(name, arguments, 1, 1, text, List.of(), example);
  }

  private static List<Option> creation(boolean run) {
    List<Option> options = new ArrayList<>();
    options.add(
        Option.of("bundle", 'b', "DIR", "the folder with config.json (the current folder)"));
    options.add(
        Option.of("console-socket", "PATH", "a socket that gets the master of the terminal"));
    options.add(Option.of("pidfd-socket", "PATH", "a socket that gets a handle on the program"));
    options.add(Option.of("pid-file", "FILE", "write the pid of the container's program to FILE"));
    options.add(Option.of("no-pivot", "", "move the root in place of pivot_root, for initramfs"));
    options.add(Option.of("no-new-keyring", "", "keep the caller's session keyring"));
    options.add(Option.of("preserve-fds", "N", "hand N descriptors from 3 on to the program (0)"));
    networking(options);
    if (run) {
      options.add(Option.of("detach", 'd', "", "come back when the program runs"));
      options.add(Option.of("keep", "", "do not delete the container when it ends"));
      options.add(Option.of("no-subreaper", "", "accepted and ignored"));
    }
    return options;
  }

  private static List<Option> planning() {
    List<Option> options = new ArrayList<>();
    options.add(Option.of("json", "", "for programs"));
    networking(options);
    return options;
  }

  private static void networking(List<Option> options) {
    options.add(
        Option.of(
            "network",
            "MODE",
            "none, host, bridge[:NAME], ns:PATH, container:ID, cni:NAME, pasta or slirp4netns"));
    options.add(
        Option.of(
            "publish",
            'p',
            "[IP:]HOST:CONTAINER[/udp]",
            "let a port of the host lead to the container; may be given again"));
    options.add(
        Option.of(
            "subnet", "CIDR[,CIDR6]", "the addresses of a bridge that is made (10.87.0.0/22)"));
    options.add(
        Option.of(
            "ip",
            "IP[/PREFIX]",
            "with bridge and cni:NAME: an address of its; may be given again"));
    options.add(Option.of("mac-address", "MAC", "with bridge and cni:NAME: the hardware address"));
    options.add(
        Option.of("network-alias", "NAME", "with cni:NAME: a name for others; may be given again"));
    options.add(
        Option.of(
            "ingress-rate",
            "BITS[:BURST]",
            "with cni:NAME: bits a second that it may receive, such as 10M"));
    options.add(
        Option.of("egress-rate", "BITS[:BURST]", "with cni:NAME: bits a second that it may send"));
  }

  private static List<Option> update() {
    return List.of(
        Option.of("resources", 'r', "FILE", "take them as JSON from FILE, - for standard input"),
        Option.of("blkio-weight", "N", "share of block I/O, 10 to 1000"),
        Option.of("cpu-period", "USEC", "length of a period of processor time"),
        Option.of("cpu-quota", "USEC", "processor time in a period, -1 for no limit"),
        Option.of("cpu-burst", "USEC", "time saved up that a period may use beyond its quota"),
        Option.of("cpu-share", "N", "weight against other containers"),
        Option.of("cpu-rt-period", "USEC", "length of a real-time period"),
        Option.of("cpu-rt-runtime", "USEC", "real-time processor time in a period"),
        Option.of("cpu-idle", "N", "1 to use only time that nobody else wants, 0 for not"),
        Option.of("cpuset-cpus", "LIST", "processors to use, such as 0-3,7"),
        Option.of("cpuset-mems", "LIST", "memory nodes to use"),
        Option.of("memory", "SIZE", "memory, such as 64M, -1 for no limit"),
        Option.of("memory-reservation", "SIZE", "memory it keeps when others need some"),
        Option.of("memory-swap", "SIZE", "memory and swap together, -1 for no limit"),
        Option.of("kernel-memory", "SIZE", "accepted and ignored: Linux gave it up"),
        Option.of("kernel-memory-tcp", "SIZE", "accepted and ignored: Linux gave it up"),
        Option.of("pids-limit", "N", "how many processes and threads, -1 for no limit"),
        Option.of("l3-cache-schema", "SCHEMA", "Intel RDT's share of the cache"),
        Option.of("mem-bw-schema", "SCHEMA", "Intel RDT's memory bandwidth"));
  }

  private static Command exec(String name) {
    return new Command(
        name,
        "CONTAINER COMMAND [ARGUMENT...]",
        1,
        -1,
        "run one more program in a container",
        List.of(
            Option.of("console-socket", "PATH", "a socket that gets the master of the terminal"),
            Option.of("cwd", "DIR", "working directory in the container"),
            Option.of("env", 'e', "NAME=VALUE", "set a variable; may be given again"),
            Option.of("tty", 't', "", "give it a terminal"),
            Option.of("user", 'u', "UID[:GID]", "run as this user"),
            Option.of("additional-gids", 'g', "GID", "one more group; may be given again"),
            Option.of("process", 'p', "FILE", "read the whole process from FILE as JSON"),
            Option.of("detach", 'd', "", "come back when the program runs"),
            Option.of("pid-file", "FILE", "write its pid to FILE"),
            Option.of("no-new-privs", "", "let it gain no privileges"),
            Option.of("cap", 'c', "CAP", "one more capability; may be given again"),
            Option.of("preserve-fds", "N", "hand N descriptors from 3 on to the program (0)"),
            Option.of(
                "cgroup", "[CTRL:]PATH", "a cgroup below the container's; may be given again"),
            Option.of("apparmor", "PROFILE", "an AppArmor profile for it"),
            Option.of("process-label", "LABEL", "an SELinux label for it"),
            Option.of("pidfd-socket", "PATH", "a socket that gets a handle on it"),
            Option.of("ignore-paused", "", "also in a paused container")),
        "jrunc exec --tty web sh");
  }
}

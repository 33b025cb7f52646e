package dev.jrunc.conformance.cases;

import static dev.jrunc.conformance.harness.Expect.assume;
import static dev.jrunc.conformance.harness.Expect.contains;
import static dev.jrunc.conformance.harness.Expect.equal;
import static dev.jrunc.conformance.harness.Expect.that;

import dev.jrunc.conformance.harness.Command;
import dev.jrunc.conformance.harness.Sandbox;
import dev.jrunc.conformance.harness.SocketEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The flags of {@code create} and {@code run} that hand something over or leave something out. */
final class CreateCases {
  private CreateCases() {}

  static List<Case> all() {
    return List.of(
        Case.of("run --preserve-fds", "runc run", CreateCases::preserve),
        Case.of("run --preserve-fds of what is not open fails", "runc", CreateCases::preserveNone),
        Case.of("LISTEN_FDS are handed on", "sd_listen_fds(3)", CreateCases::listen),
        Case.of("LISTEN_FDS for another process are not", "sd_listen_fds(3)", CreateCases::others),
        Case.of("create and run --pidfd-socket", "runc create", CreateCases::pidfd),
        Case.of("create --console-socket", "runc create", CreateCases::console),
        Case.of("run --no-pivot", "runc run", CreateCases::noPivot),
        Case.of("run --no-new-keyring keeps the caller's", "runc run", CreateCases::keyring),
        Case.of("run --no-subreaper is taken", "runc run", CreateCases::subreaper),
        Case.of("run --keep keeps a container of any exit code", "runc run", CreateCases::keep),
        Case.of("failures name the command", "runc create", CreateCases::failures),
        Case.of("checkpoint and restore are not supported", "ours", CreateCases::checkpoint));
  }

  private static Command.Outcome shell(Sandbox place, String before, String... words) {
    String line = before + String.join(" ", place.runtimeWords(words));
    return Command.of("sh", "-c", line).in(place.bundle()).run();
  }

  private static String kept(Sandbox place) throws IOException {
    Path file = place.folder().resolve("kept");
    Files.writeString(file, "kept open\n");
    return file.toString();
  }

  private static void preserve(Sandbox place) throws IOException {
    place.script("cat <&4; ls /proc/self/fd | wc -l");
    String before = "exec 3</dev/null 4<" + kept(place) + " 5</dev/null; ";
    String[] words = {"run", "--preserve-fds", "2", place.container()};
    String out = shell(place, before, words).ok().out();
    // The streams, the two, and the folder that is being listed.
    equal("kept open 6", out.strip().replaceAll("[ \n]+", " "), "the output");
  }

  private static void preserveNone(Sandbox place) {
    assume(!place.isRunc(), "runc 1.1.5 finds its own descriptors there");
    String[] words = {"run", "--preserve-fds", "3", place.container()};
    shell(place, "exec 3</dev/null 9<&-; ", words).code(1).says("preserved-fd");
  }

  private static void listen(Sandbox place) throws IOException {
    place.script("echo $LISTEN_FDS $LISTEN_PID; cat <&3; test -e /proc/self/fd/4 && echo four");
    String before =
        "exec 3<" + kept(place) + " 4</dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec ";
    String[] words = {"run", "--preserve-fds", "1", place.container()};
    equal("1 1\nkept open\nfour\n", shell(place, before, words).ok().out(), "the output");
  }

  private static void others(Sandbox place) throws IOException {
    place.script("echo none:$LISTEN_FDS; test -e /proc/self/fd/3 || echo closed");
    String before = "exec 3<" + kept(place) + "; LISTEN_FDS=1 LISTEN_PID=1 ";
    String[] words = {"run", place.container()};
    equal("none:\nclosed\n", shell(place, before, words).ok().out(), "the output");
  }

  private static void pidfd(Sandbox place) throws IOException {
    assume(!place.isRunc(), "runc 1.1.5 has no --pidfd-socket");
    place.args("sleep", "100");
    for (List<String> words : List.of(List.of("create"), List.of("run", "--detach"))) {
      Path path = place.folder().resolve(words.get(0) + ".sock");
      try (SocketEnd end = SocketEnd.listen(path)) {
        String id = place.container();
        LifecycleCases.detached(
            place,
            Command.words(words, "--pidfd-socket", path.toString(), id).toArray(new String[0]));
        equal("standard", end.received(), "the message beside the handle");
      }
    }
    String id = place.container();
    place.runtime("create", "--pidfd-socket", "/never/there", id).run().code(1);
    place.runtime("state", id).run().code(1).says("does not exist");
  }

  private static void console(Sandbox place) throws IOException {
    place.config(config -> config.withObject("/process").put("terminal", true));
    Path path = place.folder().resolve("console.sock");
    try (SocketEnd end = SocketEnd.listen(path)) {
      String[] words = {"create", "--console-socket", path.toString(), place.container()};
      LifecycleCases.detached(place, words);
      contains(end.received(), "/dev/");
    }
  }

  private static void noPivot(Sandbox place) {
    place.script("ls /bin/busybox; ls /work /boot 2>/dev/null; echo end");
    String out = place.runtime("run", "--no-pivot", place.container()).run().ok().out();
    equal("/bin/busybox\nend\n", out, "what is seen");
  }

  private static void keyring(Sandbox place) {
    assume(Files.exists(Path.of("/proc/keys")), "this kernel has no keys");
    place.config(config -> config.withObject("/linux").remove("maskedPaths"));
    place.args("cat", "/proc/keys");
    String own = place.container();
    contains(place.runtime("run", own).run().ok().out(), "_ses." + own);
    String callers = place.container();
    String out = place.runtime("run", "--no-new-keyring", callers).run().ok().out();
    that(!out.contains("_ses." + callers), "a keyring of its own: " + out);
  }

  private static void subreaper(Sandbox place) {
    place.script("(sleep 0.1 &) ; exit 4");
    place.runtime("run", "--no-subreaper", place.container()).run().code(4);
  }

  private static void keep(Sandbox place) {
    String id = place.container();
    place.script("exit 5").runtime("run", "--keep", id).run().code(5);
    equal("stopped", LifecycleCases.status(place, id), "the status");
    place.runtime("run", "--keep", id).run().code(1).says("already exists");
    place.runtime("delete", id).run().ok();
  }

  private static void failures(Sandbox place) {
    place.args("no-such-binary");
    String words = "failed: unable to start container process: ";
    place.runtime("run", place.container()).run().code(1).says("runc run " + words);
    place.runtime("create", place.container()).run().code(1).says("runc create " + words);
  }

  private static void checkpoint(Sandbox place) {
    assume(!place.isRunc(), "runc can checkpoint where CRIU is");
    place.runtime("checkpoint", "web").run().code(1).says("checkpoint is not supported");
    place.runtime("restore", "web").run().code(1).says("restore is not supported");
  }
}

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
        Case.of("NOTIFY_SOCKET: run hands READY on", "sd_notify(3)", CreateCases::notifyRun),
        Case.of("NOTIFY_SOCKET: start waits for READY", "sd_notify(3)", CreateCases::notifyStart),
        Case.of("create and run --pidfd-socket", "runc create", CreateCases::pidfd),
        Case.of("create --console-socket", "runc create", CreateCases::console),
        Case.of("run --no-pivot", "runc run", CreateCases::noPivot),
        Case.of("run --no-new-keyring keeps the caller's", "runc run", CreateCases::keyring),
        Case.of("run --no-subreaper is taken", "runc run", CreateCases::subreaper),
        Case.of("run --keep keeps a container of any exit code", "runc run", CreateCases::keep),
        Case.of("failures name the command", "runc create", CreateCases::failures),
        Case.of("create fails where init ends before it waits", "ours", CreateCases::dies),
        Case.of("checkpoint and restore are not supported", "ours", CreateCases::checkpoint));
  }

  // As the OOM killer does it, at the last moment: all that create does is done by then.
  private static void dies(Sandbox place) {
    assume(!place.isRunc(), "its calls are others");
    assume(Files.exists(Path.of("/usr/bin/strace")), "strace(1) is not there");
    String id = place.container();
    String[] strace = {
      "strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=setresuid:signal=KILL"
    };
    Command create = place.args("sleep", "100").runtime("create", id).behind(strace);
    create.run().code(1).says("was ended by signal 9 while it was set up");
    place.runtime("state", id).run().code(1).says("does not exist");
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

  // A service manager: shows what it is told, and closes what comes with a barrier.
  private static final String MANAGER =
      """
      import socket,sys,os,subprocess
      s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); s.bind(sys.argv[1])
      s.settimeout(20)
      environment=dict(os.environ,NOTIFY_SOCKET=sys.argv[1])
      p=subprocess.Popen(sys.argv[2:],env=environment,stdout=subprocess.DEVNULL)
      while True:
       try: m,f,_,_=socket.recv_fds(s,4096,4)
       except TimeoutError: break
       print(m.decode().strip(),flush=True)
       [os.close(x) for x in f]
       if m.startswith(b'BARRIER'): break
       if m.startswith(b'MAINPID'): s.settimeout(1)
      sys.exit(p.wait())
      """;

  // The program has no sd_notify of its own: the script's socket is spoken to from the host.
  private static final String READY =
      "until test -e /tmp/ready; do sleep 0.05; done; test -S $NOTIFY_SOCKET && sleep 3";

  private static List<String> managed(Sandbox place, String id, String... words) throws Exception {
    assume(Files.exists(Path.of("/usr/bin/python3")), "python3 is not there");
    Path script = place.folder().resolve("manager.py");
    Files.writeString(script, MANAGER);
    Path socket = place.folder().resolve("manager.sock");
    Path inside = place.folder().resolve("state").resolve(id).resolve("notify/notify.sock");
    String line =
        "python3 "
            + script
            + " "
            + socket
            + " "
            + String.join(" ", place.runtimeWords(words))
            + " </dev/null & "
            + "until test -S "
            + inside
            + "; do sleep 0.05; done; touch "
            + place.rootfs().resolve("tmp/ready")
            + "; python3 -c \"import socket;"
            + "s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);s.sendto(b'STATUS=x','"
            + inside
            + "');s.sendto(b'READY=1','"
            + inside
            + "')\"; wait $!";
    Path out = place.folder().resolve("manager.out");
    Command.of("sh", "-c", line).in(place.bundle()).intoFile(out).run().ok();
    return Files.readAllLines(out);
  }

  private static void notifyRun(Sandbox place) throws Exception {
    String id = place.container();
    place.config(Writable::root).script(READY);
    List<String> told = managed(place, id, "run", id);
    equal("READY=1", told.get(0), "the first message");
    that(told.get(1).matches("MAINPID=[0-9]+"), "no pid: " + told);
    // runc 1.1.5 asks for no barrier.
    that(place.isRunc() || told.contains("BARRIER=1"), "no barrier: " + told);
  }

  private static void notifyStart(Sandbox place) throws Exception {
    String id = place.container();
    place.config(Writable::root).script(READY);
    Path log = place.folder().resolve("detached.log");
    Command create = place.runtime("create", id).with("NOTIFY_SOCKET", "/never/used");
    create.intoFile(log).run().ok();
    List<String> told = managed(place, id, "start", id);
    equal("READY=1", told.get(0), "the first message");
    String pid =
        place
            .runtime("state", id)
            .run()
            .ok()
            .out()
            .replaceAll("[\\s\\S]*\"pid\": ([0-9]+)[\\s\\S]*", "$1");
    equal("MAINPID=" + pid, told.get(1), "the pid");
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
    place.runtime("checkpoint", "-h").run().ok().says("not supported yet");
    place.runtime("checkpoint", "--help").run().ok().says("not supported yet");
    place.runtime("restore", "web").run().code(1).says("restore is not supported");
  }
}
